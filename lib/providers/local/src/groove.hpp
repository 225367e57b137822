#pragma once

/// The players: each turns the plan, the chords and the tune into the notes of one part.

#include "form.hpp"
#include "harmony.hpp"
#include "melody.hpp"
#include "rng.hpp"
#include "style.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace music::local {

/// One note as a player thinks it: straight ticks, `force` before the energy of the bar and the swing are applied.
struct played_note {
  int start = 0;
  int length = 0;
  int pitch = 60;
  int force = 90;       ///< 1..127
  int offset_ms = 0;    ///< a deliberate one: a strum's strings, a late snare
};

/// What every player reads. Holds references: it lives within one call of compose().
struct stage {
  const style& chosen;
  const song_plan& plan;
  std::span<const harmony> chords;
  std::span<const tune_note> tune;
  const rng_source& random;
};

/// One mark of a written pattern.
struct hit {
  int start = 0;   ///< ticks
  int length = 0;
  char symbol = 'x';
};

/// The notes of part `index` of the style, unordered.
[[nodiscard]] std::vector<played_note> play_part(const stage& on, std::size_t index);

/// Where a straight tick falls in the style's swing.
[[nodiscard]] int swung(const style& chosen, int tick);

/// True if the part plays in `bar`.
[[nodiscard]] bool plays_in(const part_style& part, const song_plan& plan, int bar);

// The players, one for each figure. `index` seeds their streams.
[[nodiscard]] std::vector<played_note> play_lead(const stage& on, const part_style& part);
[[nodiscard]] std::vector<played_note> play_parallel(const stage& on, const part_style& part);
[[nodiscard]] std::vector<played_note> play_answer(const stage& on, const part_style& part);
[[nodiscard]] std::vector<played_note> play_guide(const stage& on, const part_style& part);
[[nodiscard]] std::vector<played_note> play_comp(const stage& on, const part_style& part, std::size_t index);
[[nodiscard]] std::vector<played_note> play_pad(const stage& on, const part_style& part);
[[nodiscard]] std::vector<played_note> play_arpeggio(const stage& on, const part_style& part, std::size_t index);
[[nodiscard]] std::vector<played_note> play_bass(const stage& on, const part_style& part, std::size_t index);
[[nodiscard]] std::vector<played_note> play_drums(const stage& on, const part_style& part, std::size_t index);

// Shared by the players.

/// The pattern for `bar`: of those that its energy allows the fullest, drawn once for each kind of section.
[[nodiscard]] std::string_view pattern_for(const stage& on, const part_style& part, std::size_t index, int bar);

/// The marks of `pattern` that begin in `bar`.
[[nodiscard]] std::vector<hit> hits_in(const stage& on, std::string_view pattern, int bar);

/// True if the part has a share in the last chord.
[[nodiscard]] bool plays_last_chord(const part_style& part);

}  // namespace music::local
