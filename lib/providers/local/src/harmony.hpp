#pragma once

/// The chords of a piece, and how a section of instruments moves from one to the next.

#include "form.hpp"
#include "rng.hpp"
#include "style.hpp"
#include "theory.hpp"

#include <span>
#include <string>
#include <vector>

namespace music::local {

/// One chord, in ticks.
struct harmony {
  int start = 0;
  int length = 0;
  int root = 0;  ///< pitch class
  std::vector<int> intervals;
  std::string name;
  pitch_set tones;
  pitch_set scale;  ///< the key's, bent to the chord
  std::size_t section = 0;

  [[nodiscard]] int end() const { return start + length; }
};

/// Chords for every bar of the plan, without gaps; the last one is the tonic.
[[nodiscard]] std::vector<harmony> plan_harmony(const palette& tonality, const song_plan& plan, int key_root,
                                                const rng_source& random);

/// The chord that sounds at `tick`; the first or last one outside the piece.
[[nodiscard]] std::size_t chord_at(std::span<const harmony> chords, int tick);

/// The pitches of one chord, ascending.
using voicing = std::vector<int>;

struct voicing_rules {
  int lowest = 48;
  int highest = 72;
  int voices = 3;
};

/// One voicing for each chord: of all that fit the compass, the one whose voices move least from the chord before.
/// A chord that cannot be spelled in the compass falls back to fewer essential tones, never to an empty voicing.
[[nodiscard]] std::vector<voicing> lead_voices(std::span<const harmony> chords, voicing_rules rules, const song_plan& plan);

}  // namespace music::local
