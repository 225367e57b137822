#!/usr/bin/python3
"""Draws a song for a person to look at: spectrogram, level and piano roll over one time axis.

    spectrogram.py SONG [PICTURE.png]

Reads <name>.mid and <name>.json beside the song if they are there. Needs ffmpeg and numpy alone.
"""

import json
import os
import struct
import sys
import zlib

import numpy as np

import audio_measures as measure

WIDTH, SPECTRUM, LEVEL, ROLL = 1400, 360, 80, 360
COLOURS = ((255, 214, 120), (120, 200, 255), (255, 130, 150), (150, 240, 160), (200, 160, 255), (255, 170, 90),
           (170, 220, 220), (230, 230, 150))


def save_png(path, pixels):
    """Rows x columns x 3 bytes to a PNG."""
    rows = b"".join(b"\0" + row.tobytes() for row in pixels.astype(np.uint8))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b""))


def read_length(data, at):
    """A MIDI variable-length number and where it ends."""
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def track_events(data):
    """(tick, status, first, second or meta payload) of one MIDI track."""
    at, tick, status = 0, 0, 0
    while at < len(data):
        delta, at = read_length(data, at)
        tick += delta
        if data[at] >= 0x80:
            status, at = data[at], at + 1
        if status == 0xFF:
            kind = data[at]
            size, at = read_length(data, at + 1)
            yield tick, status, kind, data[at: at + size]
            at += size
        elif status in (0xF0, 0xF7):
            size, at = read_length(data, at)
            at += size
        elif status >> 4 in (0xC, 0xD):
            at += 1
        else:
            yield tick, status, data[at], data[at + 1]
            at += 2


def read_midi(path):
    """Notes as (start, end in seconds, pitch, velocity, track, is drum)."""
    with open(path, "rb") as file:
        data = file.read()
    division = struct.unpack(">H", data[12:14])[0]
    tracks, at = [], 14
    while at < len(data):
        size = struct.unpack(">I", data[at + 4: at + 8])[0]
        tracks.append(list(track_events(data[at + 8: at + 8 + size])))
        at += 8 + size
    tempi = sorted((t, int.from_bytes(v, "big")) for track in tracks for t, s, k, v in track if s == 0xFF and k == 0x51)
    ticks, seconds, rate = [0], [0.0], [500000 / 1e6 / division]
    for tick, microseconds in tempi:
        seconds.append(seconds[-1] + (tick - ticks[-1]) * rate[-1])
        ticks.append(tick)
        rate.append(microseconds / 1e6 / division)

    def when(tick):
        place = np.searchsorted(ticks, tick, side="right") - 1
        return seconds[place] + (tick - ticks[place]) * rate[place]

    notes = []
    for number, track in enumerate(tracks):
        sounding = {}
        for tick, status, pitch, velocity in track:
            if status >> 4 == 9 and velocity:
                sounding[pitch] = (tick, velocity)
            elif status >> 4 in (8, 9) and pitch in sounding:
                start, hardness = sounding.pop(pitch)
                notes.append((when(start), when(tick), pitch, hardness, number, status & 15 == 9))
    return notes


def draw_spectrum(samples, rate):
    """Magnitude in dB on a logarithmic frequency axis, 40 Hz to 10 kHz."""
    hop = max(1, len(samples) // WIDTH)
    power = measure.spectra(samples, 4096, hop)[:WIDTH] ** 2
    wanted = np.geomspace(10000, 40, SPECTRUM) / (rate / 4096)
    rows = power[:, np.clip(wanted.astype(int), 0, power.shape[1] - 1)].T
    level = np.clip((10 * np.log10(rows + 1e-9) + 30) / 80, 0, 1)
    picture = np.zeros((SPECTRUM, WIDTH, 3))
    for channel, (centre, width) in enumerate(((0.85, 0.5), (0.95, 0.75), (0.4, 0.45))):
        picture[:, : level.shape[1], channel] = 255 * level * np.clip(1.25 - np.abs(level - centre) / width, 0, 1)
    return picture


def draw_level(samples):
    picture = np.full((LEVEL, WIDTH, 3), 18.0)
    for column, part in enumerate(np.array_split(samples, WIDTH)):
        height = int(np.clip((20 * np.log10(np.sqrt(np.mean(part ** 2)) + 1e-6) + 50) / 50, 0, 1) * LEVEL)
        picture[LEVEL - height:, column] = (90, 170, 140)
    return picture


def draw_roll(notes, seconds):
    picture = np.full((ROLL, WIDTH, 3), 24.0)
    for start, end, pitch, velocity, track, drum in sorted(notes, key=lambda n: n[4]):
        left, right = int(start / seconds * WIDTH), max(int(end / seconds * WIDTH), int(start / seconds * WIDTH) + 1)
        top = ROLL - 8 - (pitch % 24) * 2 if drum else ROLL - 60 - int((pitch - 24) * 3.6)
        picture[max(0, top - 3): top, left:right] = np.array(COLOURS[track % len(COLOURS)]) * (0.4 + 0.6 * velocity / 127)
    return picture


def mark_sections(picture, claims, seconds):
    bar = 60 / claims["bpm"] * claims["beats_per_bar"]
    for _, first, _, _ in claims["sections"]:
        column = int(first * bar / seconds * WIDTH)
        if column < WIDTH:
            picture[:, column] = (255, 255, 255)


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    song = sys.argv[1]
    base = os.path.splitext(song)[0]
    samples = measure.decode(song)[0]
    seconds = len(samples) / measure.RATE
    parts = [draw_spectrum(samples, measure.RATE), draw_level(samples)]
    if os.path.exists(base + ".mid"):
        parts.append(draw_roll(read_midi(base + ".mid"), seconds))
    picture = np.concatenate(parts)
    if os.path.exists(base + ".json"):
        with open(base + ".json", encoding="utf-8") as file:
            mark_sections(picture, json.load(file), seconds)
    save_png(sys.argv[2] if len(sys.argv) == 3 else base + ".png", picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
