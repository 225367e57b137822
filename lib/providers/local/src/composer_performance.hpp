#pragma once

/// From what the players mean to what is heard: swing, dynamics, human timing, expression.

#include "groove.hpp"
#include "score.hpp"

#include <optional>

namespace music::local {

struct casting {
  std::optional<int> lead_program;  ///< plays the tune instead of the style's own instrument
  bool without_drums = false;
};

/// Lets every part play and fills the score's parts, notes and controllers. A part without a note is left out.
void perform(const stage& on, casting cast, score& out);

}  // namespace music::local
