#pragma once

/// The composed piece as pure data: what the composer writes and the renderer plays.
///
/// A score holds no audio and no wall time beyond its tempo map, so it can be hashed, compared and printed.
/// The same intent and seed give the same score on every machine (no std:: distributions, no floating-point
/// randomness that depends on the library). Positions and lengths are in quarter-note beats from the start.

#include <cstdint>
#include <string>
#include <vector>

namespace music::local {

enum class section_kind : std::uint8_t { intro, verse, chorus, bridge, breakdown, outro };

/// One section of the form. `energy` (0..1) drives which parts play and how hard.
struct section {
  section_kind kind{};
  int first_bar = 0;
  int bars = 0;
  double energy = 0.5;
  int lift = 0;  ///< semitones above the piece's key (a raised last chorus)
};

/// One sounding harmony. `intervals` are semitones above the root, ascending, the first one 0.
struct chord {
  double start = 0;
  double length = 0;
  int root = 0;  ///< pitch class, 0 = C
  std::vector<int> intervals;
  std::string name;  ///< e.g. "Am9", for the log and the piano roll
};

enum class part_role : std::uint8_t { melody, counter, chords, pad, arpeggio, bass, drums, texture };

/// One instrument. Drums use General MIDI key numbers in `note::pitch` on the percussion channel.
struct part {
  std::string name;
  part_role role{};
  int program = 0;         ///< General MIDI program, 0-based; for drums the kit number
  double loudness = -20;   ///< target of this part's stem in LUFS before the master, relative among parts
  double pan = 0;          ///< -1 left .. 1 right
  double reverb = 0.2;     ///< send, 0..1
  double chorus = 0.0;     ///< send, 0..1
};

/// One note. `offset_ms` is the humanised deviation from the grid (swing is already in `start`).
struct note {
  double start = 0;
  double length = 0;
  std::uint16_t part = 0;  ///< index into score::parts
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
  float offset_ms = 0;
};

/// A MIDI controller change (expression 11, modulation 1, sustain 64, ...).
struct control_change {
  double at = 0;
  std::uint16_t part = 0;
  std::uint8_t controller = 11;
  std::uint8_t value = 127;
};

/// Tempo from `at` on, in quarter notes a minute.
struct tempo_change {
  double at = 0;
  double bpm = 120;
};

/// How a style wants to be mixed; every frequency in Hz and every time in seconds, whatever the sample rate.
struct mix_profile {
  double low_pass_hz = 0;       ///< 0 = off; lofi and ambient darken the master
  double sidechain_depth = 0;   ///< 0..1, how far the kick ducks pads and bass (house, synthwave)
  double vinyl_noise = 0;       ///< 0..1, crackle and hiss (lofi)
  double wow_cents = 0;         ///< slow pitch drift (lofi tape), 0 = off
  double room_size = 0.5;       ///< reverb, 0..1
  double room_level = 0.4;
  double stereo_width = 1.0;    ///< 0 mono .. 1 as panned .. 1.3 wide
};

struct score {
  std::string title;
  std::string style;      ///< the style's id, e.g. "lofi"
  std::string key;        ///< e.g. "A minor"
  int key_root = 0;       ///< pitch class
  bool minor = false;
  double bpm = 100;       ///< the main tempo
  int beats_per_bar = 4;
  std::uint64_t seed = 0;
  double duration_seconds = 0;  ///< length of the audio, with the ring-out of the last chord
  std::vector<section> form;
  std::vector<chord> chords;
  std::vector<part> parts;
  std::vector<note> notes;      ///< sorted by (start, part, pitch)
  std::vector<control_change> controls;
  std::vector<tempo_change> tempo;
  mix_profile mix;
};

}  // namespace music::local
