#pragma once

/// The tune. Each kind of section has a motif; phrases develop it, and every note is chosen against its rivals.

#include "form.hpp"
#include "harmony.hpp"
#include "rng.hpp"
#include "style.hpp"

#include <span>
#include <vector>

namespace music::local {

/// One note of the tune, in ticks.
struct tune_note {
  int start = 0;
  int length = 0;
  int pitch = 60;
  int stress = 0;        ///< -20..20: how it stands out within its phrase
  bool opens = false;    ///< the first note of a phrase
  std::size_t section = 0;

  [[nodiscard]] int end() const { return start + length; }
};

/// The whole piece's tune, in order and without overlaps. Instruments take from it the sections they play.
[[nodiscard]] std::vector<tune_note> write_melody(const style& chosen, const song_plan& plan, std::span<const harmony> chords,
                                                  int key_root, const rng_source& random);

}  // namespace music::local
