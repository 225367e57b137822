#pragma once

/// The plan of a piece: which sections, how long, how fast, so that the form fills the time that was asked for.

#include "rng.hpp"
#include "score.hpp"
#include "style.hpp"

#include <vector>

namespace music::local {

/// Positions inside the composer are whole ticks: exact, so that every machine agrees.
inline constexpr int ticks_per_beat = 480;
inline constexpr int ticks_per_step = ticks_per_beat / 4;

struct planned_section {
  section_kind kind{};
  int first_bar = 0;
  int bars = 0;
  int energy = 50;  ///< percent
  int nth = 0;      ///< how many of its kind came before
  int lift = 0;     ///< semitones above the piece's key
  bool last_of_kind = false;
};

struct song_plan {
  std::vector<planned_section> sections;
  std::vector<tempo_change> tempo;
  double bpm = 100;
  double seconds = 90;
  int beats_per_bar = 4;
  int bars = 0;        ///< with the last one, in which the last chord rings
  int last_tick = 0;   ///< where every note has ended; may lie beyond the last bar line

  [[nodiscard]] int bar_ticks() const { return beats_per_bar * ticks_per_beat; }
  [[nodiscard]] int steps_per_bar() const { return beats_per_bar * 4; }
  [[nodiscard]] int final_bar() const { return bars - 1; }
  [[nodiscard]] std::size_t section_at(int bar) const;

  /// The energy of one bar, percent: its section's, on its way to the next (an intro fills up, a verse leans forward).
  [[nodiscard]] int energy_at(int bar) const;
};

struct tempo_wish {
  double bpm = 100;
  bool exact = false;  ///< the words named a tempo: keep it, let the ring absorb the rest
};

/// Plans a piece of `seconds`, 20..300.
[[nodiscard]] song_plan plan_form(const style& chosen, tempo_wish wish, double seconds, const rng_source& random);

/// When `beat` sounds, in seconds from the start.
[[nodiscard]] double seconds_at(double beat, const std::vector<tempo_change>& tempo);

}  // namespace music::local
