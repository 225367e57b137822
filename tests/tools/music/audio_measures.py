"""What can be measured of a finished song with ffmpeg and numpy alone. Nothing here comes from the composer's code."""

import re
import subprocess

import numpy as np

RATE = 22050
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)


def run(*command):
    """The standard output and error of a program, as one text. Raises if the program fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def decode(path, rate=RATE, channels=1):
    """The samples as float, one row a channel."""
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-ac", str(channels), "-ar", str(rate), "-f", "f32le", "-"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, channels).T


def loudness(path):
    """Integrated loudness (LUFS), true peak (dBTP) and loudness range (LU), by ffmpeg's own meter.

    framelog=quiet would make ffmpeg 5.1 print a summary of zeros."""
    text = run("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", path,
               "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    last = lambda pattern: float(re.findall(pattern, text)[-1])
    return last(r"I:\s+(-?[\d.]+) LUFS"), last(r"Peak:\s+(-?[\d.]+) dBFS"), last(r"LRA:\s+(-?[\d.]+) LU")


def duration(path):
    return float(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path).split()[-1])


def silent_share(samples, rate, floor_db=-50.0, at_least=0.5):
    """The share of the time that lies in gaps of at least half a second below -50 dB."""
    step = rate // 100
    frames = np.abs(samples[: len(samples) // step * step]).reshape(-1, step).max(axis=1)
    quiet = np.concatenate(([0], (frames < 10 ** (floor_db / 20)).astype(int), [0]))
    edges = np.flatnonzero(np.diff(quiet))
    lengths = (edges[1::2] - edges[::2]) * step / rate
    return float(lengths[lengths >= at_least].sum() * rate / max(1, len(samples)))


def flat_tops(samples, longest_allowed=3):
    """How often the wave stays on one value near its peak for more than three samples: the mark of clipping."""
    near = np.abs(samples) > 0.98 * np.abs(samples).max()
    level = near[1:] & (np.abs(np.diff(samples)) < 1e-5)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], level.astype(int), [0]))))
    return int(((edges[1::2] - edges[::2]) >= longest_allowed).sum())


def spectra(samples, size, hop):
    """Magnitude spectra, one row a frame."""
    count = 1 + (len(samples) - size) // hop
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop][:count]
    return np.abs(np.fft.rfft(frames * np.hanning(size).astype("f4"), axis=1))


def chroma(samples, rate):
    """How strongly each pitch class sounds between 55 and 1760 Hz; the weakest nearly nothing."""
    size = 16384
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    used = (frequencies > 55) & (frequencies < 1760)
    classes = np.round(12 * np.log2(frequencies[used] / 440) + 69).astype(int) % 12
    strength = np.sqrt(spectra(samples, size, size // 2)[:, used]).sum(axis=0)
    weights = np.array([strength[classes == k].mean() for k in range(12)])
    return weights - 0.9 * weights.min()


def scale_rank(weights, tonic, minor):
    """The place (1 = best) of the claimed scale among the twelve diatonic sets."""
    sum_of = lambda root, scale: sum(weights[(root + step) % 12] for step in scale)
    claimed = sum_of(tonic, MINOR_SCALE if minor else MAJOR_SCALE)
    return 1 + sum(sum_of(root, MAJOR_SCALE) > claimed + 1e-9 for root in range(12))


def tempo_by_autocorrelation(samples, rate):
    """Beats a minute: the period at whose multiples the onsets repeat best, with a mild liking for 100."""
    hop = 256
    energy = np.log1p(100 * spectra(samples, 1024, hop))
    onsets = np.maximum(0, np.diff(energy, axis=0)).sum(axis=1)
    onsets = np.maximum(0, onsets - np.convolve(onsets, np.ones(171) / 171, "same"))
    size = 1 << int(np.ceil(np.log2(2 * len(onsets))))
    likeness = np.fft.irfft(np.abs(np.fft.rfft(onsets, size)) ** 2)[: len(onsets)]
    candidates = np.arange(55, 185, 0.1)
    scores = np.zeros_like(candidates)
    for beats, weight in ((1, 1.0), (2, 0.9), (4, 0.9), (8, 0.6)):
        lags = 60 / candidates * rate / hop * beats
        scores += weight * np.interp(lags, np.arange(len(likeness)), likeness, right=0)
    scores *= np.exp(-0.5 * (np.log2(candidates / 100) / 0.9) ** 2)
    return float(candidates[scores.argmax()])


def tempo_error(measured, claimed, folds=(0.5, 1, 2)):
    """Relative error after folding by octaves; 1 if nothing was measured."""
    return min(abs(measured * fold / claimed - 1) for fold in folds) if measured else 1.0


def band_shares(samples, rate, edges=(20, 120, 500, 2000, 6000, 11025)):
    """Percent of the energy in each band."""
    power = (spectra(samples, 8192, 8192) ** 2).sum(axis=0)
    frequencies = np.fft.rfftfreq(8192, 1 / rate)
    parts = [power[(frequencies >= low) & (frequencies < high)].sum() for low, high in zip(edges, edges[1:])]
    return [round(float(100 * part / power.sum()), 1) for part in parts]


def section_levels(samples, rate, claims):
    """Mean level in dB of each kind of section."""
    bar = 60 / claims["bpm"] * claims["beats_per_bar"] * rate
    levels = {}
    for kind, first, bars, _ in claims["sections"]:
        piece = samples[int(first * bar): int((first + bars) * bar)]
        if len(piece):
            levels.setdefault(kind, []).append(10 * np.log10(float(np.mean(piece ** 2)) + 1e-12))
    return {kind: round(float(np.mean(values)), 1) for kind, values in levels.items()}
