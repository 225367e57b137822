#pragma once

/// The embedded prompt writer: no key, no network, no model.

#include <music/core/ports.hpp>

#include <memory>

namespace music {

/// Chooses a genre by the words of the request (by a hash of the theme where it knows none of them, so any script works)
/// and writes 120 to 600 characters about mood, tempo, key, instruments, structure and production. The same request gives
/// the same prompt. Model "template-1", no tokens. Never fails for a request that satisfies the rules. Stateless.
[[nodiscard]] std::unique_ptr<prompt_writer> create_template_writer();

}  // namespace music
