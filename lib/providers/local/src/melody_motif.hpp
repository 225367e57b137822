#pragma once

/// Motifs and what a composer does to them. Pure values; nothing here knows chords or pitches.

#include "rng.hpp"

#include <string_view>
#include <vector>

namespace music::local {

/// One note of a motif: sixteenth steps from the bar line, scale degrees from the motif's anchor.
struct motif_note {
  int step = 0;
  int length = 1;
  int degree = 0;
};

using motif = std::vector<motif_note>;

/// A motif on the rhythm `cell` (see style.hpp) with a seeded contour: an arch, a climb, a fall, a wave or a turn.
[[nodiscard]] motif make_motif(std::string_view cell, rng& draw);

/// The same rhythm and shape, `degrees` higher.
[[nodiscard]] motif sequence(motif m, int degrees);

/// Up becomes down, around the first note.
[[nodiscard]] motif invert(motif m);

/// The longest note is divided, its second half a neighbour.
[[nodiscard]] motif diminish(motif m);

/// The first half of the bar, said twice, the second time higher.
[[nodiscard]] motif fragment(const motif& m, int steps_per_bar);

/// Every second note, held for as long as both: the same line at half the pace, within the bar.
[[nodiscard]] motif broaden(const motif& m);

}  // namespace music::local
