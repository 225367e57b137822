#pragma once

/// From a contour to pitches: a beam search over the scale tones in the compass, with whole-number costs.

#include "harmony.hpp"

#include <span>
#include <vector>

namespace music::local {

/// One note that wants a pitch.
struct pitch_slot {
  int start = 0;   ///< ticks
  int length = 0;
  int degree = 0;  ///< where the motif wants it, scale steps from the phrase's anchor
  int strength = 0;  ///< 0 off the beat, 1 on a beat, 2 on a strong beat
  bool final = false;  ///< the last note of the piece: the tonic
};

/// How a phrase ends: on the way (second or fifth), at home (tonic or third), or anywhere.
enum class cadence_goal { none, open, closed };

struct phrase_task {
  int lowest = 60;
  int highest = 84;
  int tonic = 0;
  int anchor = 67;
  cadence_goal ending = cadence_goal::none;
  std::vector<pitch_slot> slots{};
};

/// One pitch for each slot. `before` is the pitch that sounded last, -1 at the start of the piece.
[[nodiscard]] std::vector<int> choose_pitches(const phrase_task& task, std::span<const harmony> chords, int before);

}  // namespace music::local
