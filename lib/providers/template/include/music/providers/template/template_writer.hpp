#pragma once

/// The embedded prompt writer: no key, no network, no model.

#include <music/core/ports.hpp>

#include <memory>
#include <string_view>

namespace music {

/// What a job names as its prompt's model; the number grows whenever an equal request would get another prompt.
inline constexpr std::string_view template_model = "template-2";

/// Chooses a style by the words of the request (by a hash of the theme where it knows none of them, so any script works)
/// and fills its template: 120 to 600 characters about mood, tempo, key, instruments, structure and production; the plan has
/// tags, tempo and key. The same request gives the same prompt. No tokens. Never fails for a request that satisfies the
/// rules. Stateless.
[[nodiscard]] std::unique_ptr<prompt_writer> create_template_writer();

}  // namespace music
