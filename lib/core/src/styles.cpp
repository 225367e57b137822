#include "style_table.hpp"

#include <music/base/text.hpp>

namespace music {

std::span<const song_style> song_styles() noexcept { return style_table(); }

const song_style* find_song_style(std::string_view text) noexcept {
  const auto wanted = trim(text);
  for (const auto& style : style_table()) {
    if (equal_ignoring_case(style.id, wanted) || equal_ignoring_case(style.name, wanted)) return &style;
  }
  return nullptr;
}

}  // namespace music
