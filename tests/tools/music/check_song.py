#!/usr/bin/python3
"""Passes or fails finished songs by what can be heard in them.

    check_song.py --detect music_detect SONG...

Each song has its claims beside it (<name>.json, written by music_render_styles). Prints one line a song; exit code 1 if any
gate fails. An exception counts as a failure: silence, for one, breaks most detectors.
"""

import argparse
import json
import os
import sys
import tempfile

import audio_measures as measure


def detected(detector, path):
    """Tempo and key by libqm-dsp; it reads WAV."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = os.path.join(scratch, "song.wav")
        measure.run("ffmpeg", "-nostdin", "-v", "error", "-i", path, wav)
        return json.loads(measure.run(detector, wav))


def examine(path, detector):
    """Everything that is measured of one song."""
    with open(os.path.splitext(path)[0] + ".json", encoding="utf-8") as file:
        claims = json.load(file)
    stereo = measure.decode(path, channels=2)
    mono = stereo.mean(axis=0)
    full = measure.decode(path, rate=44100, channels=2)
    lufs, peak, spread = measure.loudness(path)
    heard = detected(detector, path)
    correlation = measure.np.corrcoef(stereo)[0, 1]
    return {
        "claims": claims, "lufs": lufs, "true_peak": peak, "lra": spread, "duration": measure.duration(path),
        "silence": measure.silent_share(mono, measure.RATE), "flat_tops": sum(measure.flat_tops(c) for c in full),
        "dc": max(abs(float(channel.mean())) for channel in stereo), "bpm_qm": heard["bpm"],
        "bpm_ac": measure.tempo_by_autocorrelation(mono, measure.RATE),
        "scale_rank": measure.scale_rank(measure.chroma(mono, measure.RATE), claims["keyPc"], claims["minor"]),
        "bands": measure.band_shares(mono, measure.RATE), "sections": measure.section_levels(mono, measure.RATE, claims),
        "stereo_correlation": round(float(correlation), 2),
    }


def gates(found):
    """What must hold, by name."""
    claims = found["claims"]
    # A compound bar may be felt in threes, so a triple metre may also be found at a third or three times its beat.
    folds = (0.5, 1, 2) if claims["beats_per_bar"] == 4 else (1 / 3, 0.5, 1, 2, 3, 1.5, 2 / 3)
    errors = [measure.tempo_error(found[key], claims["bpm"], folds) for key in ("bpm_qm", "bpm_ac")]
    return {
        "loudness -14 +-1 LUFS": abs(found["lufs"] + 14) <= 1,
        "true peak < -1 dBTP": found["true_peak"] < -1,
        "duration +-0.5 s": abs(found["duration"] - claims["duration"]) <= 0.5,
        "silence < 3 %": found["silence"] < 0.03,
        "no flat tops": found["flat_tops"] == 0,
        "no DC": found["dc"] < 0.005,
        "tempo within 2 %": min(errors) < 0.02,
        "claimed scale ranks <= 2": found["scale_rank"] <= 2,
    }


def remarks(found):
    """What a good song does and a plain one may not: told, never failed."""
    levels = found["sections"]
    low, middle = found["bands"][0], found["bands"][1] + found["bands"][2]
    said = []
    if "A" in levels and "B" in levels and levels["B"] - levels["A"] < 0.5:
        said.append(f"chorus only {levels['B'] - levels['A']:+.1f} dB over the verse")
    if "I" in levels and "B" in levels and levels["B"] - levels["I"] > 8:
        said.append(f"intro {levels['B'] - levels['I']:.1f} dB under the chorus")
    if not 8 <= low <= 60 or middle < 35:
        said.append(f"bands {found['bands']}")
    if found["stereo_correlation"] > 0.95:
        said.append("nearly mono")
    return said


def report(path, detector):
    """One line for a song, and whether it passed."""
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        found = examine(path, detector)
        failed = [gate for gate, held in gates(found).items() if not held]
    except Exception as problem:  # noqa: BLE001 - whatever breaks a detector is a broken song
        return f"{name:12} FAIL  {type(problem).__name__}: {problem}", False
    line = (f"{name:12} {'FAIL' if failed else 'ok  '} {found['lufs']:6.1f} LUFS {found['true_peak']:5.1f} dBTP"
            f"  LRA {found['lra']:4.1f}  {found['duration']:6.2f} s  bpm {found['claims']['bpm']:6.2f}"
            f" qm {found['bpm_qm']:6.2f} ac {found['bpm_ac']:6.1f}  scale {found['scale_rank']}"
            f"  corr {found['stereo_correlation']:4.2f}  bands {found['bands']}  {found['sections']}")
    notes = [f"FAILED: {gate}" for gate in failed] + remarks(found)
    return line + "".join(f"\n{'':13}- {note}" for note in notes), not failed


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--detect", required=True, help="the music_detect program")
    arguments.add_argument("songs", nargs="+")
    chosen = arguments.parse_args()
    passed = True
    for song in chosen.songs:
        line, well = report(song, chosen.detect)
        passed = passed and well
        print(line, flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
