#pragma once

#include <music/core/ports.hpp>

#include <span>
#include <string>

namespace music::http {

/// The answer of GET /providers: `{"data":[…]}`. It never changes while the program runs.
[[nodiscard]] std::string render_providers(std::span<const provider_entry> providers);

}  // namespace music::http
