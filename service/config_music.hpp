#pragma once

/// Who makes the music, as the environment says it.

#include "config_reader.hpp"

#include <string_view>
#include <vector>

namespace music::service {

/// Reads the providers, their order and the limits of every upstream.
void read_music(reader& in, config& out);

/// Every name that MUSIC_PROVIDERS knows.
[[nodiscard]] const std::vector<std::string_view>& provider_names();

}  // namespace music::service
