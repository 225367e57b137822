#pragma once

#include "score.hpp"

#include <string>

namespace music::local {

/// The score as a Standard MIDI File, type 1, 480 ticks a quarter: a track with tempo, meter and key signature, then one track a
/// part. Drums go to channel 10; the humanised offsets are part of the times. The same score gives the same bytes.
[[nodiscard]] std::string to_midi(const score& piece);

}  // namespace music::local
