#pragma once

#include <string>
#include <string_view>

namespace music::local {

/// A title from a theme: what stands before the first comma or line end, ASCII words in title case, at most 80 code
/// points, cut at a word where there is one. Never breaks a UTF-8 sequence; never empty.
[[nodiscard]] std::string make_title(std::string_view theme);

}  // namespace music::local
