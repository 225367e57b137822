#pragma once

#include <span>
#include <string_view>

namespace music::templates {

/// Words of the theme, divided by '|', and the mood that they ask for, in every genre.
struct mood_words {
  std::string_view mood;
  std::string_view words;
};

/// All of them; the first that fits counts. Lives as long as the program.
[[nodiscard]] std::span<const mood_words> moods() noexcept;

}  // namespace music::templates
