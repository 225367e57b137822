#pragma once

#include <music/core/styles.hpp>

namespace music {

/// The data behind `song_styles`.
[[nodiscard]] std::span<const song_style> style_table() noexcept;

}  // namespace music
