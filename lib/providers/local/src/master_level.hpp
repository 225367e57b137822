#pragma once

/// The hand on the fader: brings quiet passages forward, slowly, so that an intro makes a first impression.

#include "mix_buffer.hpp"

#include <vector>

namespace music::local {

/// A gain (about 1 to 1.6) for each hop of the mix. Follows the level over seconds, so that it leaves the shape of single
/// notes and phrases alone, and never raises what is nearly silent.
[[nodiscard]] std::vector<float> level_ride(const mix_buffer& mix, double rate);

}  // namespace music::local
