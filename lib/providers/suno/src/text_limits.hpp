#pragma once

/// How long a model's texts may be, and how a text is made to fit without being cut in half.

#include <cstddef>
#include <string>
#include <string_view>

namespace music::suno {

/// In Unicode code points.
struct text_limits {
  std::size_t description = 3000;  ///< what the model writes the words from
  std::size_t style = 1000;
  std::size_t lyrics = 5000;
  std::size_t title = 80;
  std::size_t negative = 1000;
};

/// By the longest prefix of the model's name that is known, without case; a model that nobody knows gets the widest limits.
/// Source: the gateways' documentation as of 2026-11 (proto-docs/providers/suno.md).
[[nodiscard]] text_limits limits_for(std::string_view model) noexcept;

/// Whether the model is one of the first that take lyrics of their own field, a duration, and no bare description (V6). A
/// model that nobody knows is taken for a new one.
[[nodiscard]] bool has_v6_interface(std::string_view model) noexcept;

/// V5_5 and what came later.
[[nodiscard]] bool takes_duration(std::string_view model) noexcept;

// All of these want valid UTF-8 and give at most `most` code points.

/// Drops tags from the end of a comma-separated list.
[[nodiscard]] std::string fit_tags(std::string_view tags, std::size_t most);

/// Ends prose behind a sentence if that keeps half of what fits, else behind a word.
[[nodiscard]] std::string fit_prose(std::string_view text, std::size_t most);

/// Drops the last sections that are not a chorus, then the last sections, then the last lines. A section begins with a line
/// like "[Verse 1]".
[[nodiscard]] std::string fit_lyrics(std::string_view lyrics, std::size_t most);

}  // namespace music::suno
