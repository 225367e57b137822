#!/usr/bin/python3
"""Renders a song of every style and fails if any is not what it claims to be. The ctest entry music.objective_checks.

    objective_checks.py --render music_render_styles --detect music_detect --work DIRECTORY

Beside the gates of check_song.py: the same seed must give the same notes, and other styles or themes must sound
different (chromaprint's bit error at least 0.35). Exit codes: 0 passed, 1 failed, 77 skipped for want of a tool.
"""

import argparse
import glob
import itertools
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SKIPPED = 77
TOOLS = {"ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "fpcalc": "libchromaprint-tools"}
LEAST_DIFFERENCE = 0.35
OTHER_THEME = "thunder over the old factory"
RETOLD = ("lofi", "folk")  # styles that are rendered a second time to another theme


def missing_tool(detector):
    """What is not there, or None."""
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            return f"{tool} (package {package})"
    if not os.path.exists(detector):
        return "music_detect (package libqm-dsp-dev, then configure again)"
    try:
        import numpy  # noqa: F401, PLC0415
    except ImportError:
        return "numpy for /usr/bin/python3 (package python3-numpy)"
    return None


def styles_in(directory):
    return sorted(os.path.splitext(os.path.basename(path))[0] for path in glob.glob(os.path.join(directory, "*.mid")))


def same_notes(first, second):
    """The styles whose notes differ between two directories that were made from the same seed."""
    return [style for style in styles_in(first)
            if open(os.path.join(first, style + ".mid"), "rb").read() != open(os.path.join(second, style + ".mid"), "rb").read()]


def fingerprint(song):
    text = subprocess.run(["fpcalc", "-raw", "-length", "60", song], capture_output=True, text=True, check=True).stdout
    return [int(value) for value in text.split("FINGERPRINT=")[1].split(",")]


def difference(first, second):
    """Share of the bits in which two fingerprints differ."""
    return sum((a ^ b).bit_count() for a, b in zip(first, second)) / (32 * min(len(first), len(second)))


def too_alike(songs):
    prints = {song: fingerprint(song) for song in songs}
    pairs = ((a, b, difference(prints[a], prints[b])) for a, b in itertools.combinations(songs, 2))
    return [f"{os.path.basename(a)} and {os.path.basename(b)}: {d:.2f}" for a, b, d in pairs if d < LEAST_DIFFERENCE]


def render_and_check(chosen, songs, style, here):
    """One style on one core: the render, then its gates."""
    rendered = subprocess.run([chosen.render, songs, style], capture_output=True, text=True)
    if rendered.returncode != 0:
        return f"{style}: render failed: {rendered.stderr}", False
    song = os.path.join(songs, style + ".mp3")
    checked = subprocess.run([sys.executable, os.path.join(here, "check_song.py"), "--detect", chosen.detect, song],
                             capture_output=True, text=True)
    return checked.stdout.rstrip() + checked.stderr, checked.returncode == 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--render", "--detect", "--work"):
        arguments.add_argument(name, required=True)
    chosen = arguments.parse_args()
    missing = missing_tool(chosen.detect)
    if missing:
        print(f"skipped: {missing} is not installed")
        return SKIPPED

    here = os.path.dirname(os.path.abspath(__file__))
    songs, again, other = (os.path.join(chosen.work, name) for name in ("songs", "again", "other"))
    shutil.rmtree(chosen.work, ignore_errors=True)
    subprocess.run([chosen.render, again, "--notes-only"], check=True)
    styles = styles_in(again)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        retold = pool.submit(subprocess.run, [chosen.render, other, "--theme", OTHER_THEME, *RETOLD], check=True, capture_output=True)
        outcomes = list(pool.map(lambda style: render_and_check(chosen, songs, style, here), styles))
        retold.result()

    for line, _ in outcomes:
        print(line)
    failures = [style for style, (_, well) in zip(styles, outcomes) if not well]
    failures += [f"{style}: the same seed gave other notes" for style in same_notes(again, songs)]
    rendered = sorted(glob.glob(os.path.join(songs, "*.mp3")) + glob.glob(os.path.join(other, "*.mp3")))
    failures += [f"too alike: {pair}" for pair in too_alike(rendered)]
    print(f"{len(styles)} styles, {len(failures)} failures" + "".join(f"\n  {failure}" for failure in failures))
    return 1 if failures or not styles else 0


if __name__ == "__main__":
    sys.exit(main())
