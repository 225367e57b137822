#pragma once

/// A model's texts brought under the rules that hold for any input. Pure functions; text must be valid UTF-8.

#include <cstddef>
#include <string>
#include <string_view>

namespace music::openai {

/// One line without what `check_line` refuses, at most `longest` code points, cut at a word.
[[nodiscard]] std::string repair_line(std::string_view text, std::size_t longest);

/// Words between commas: each repaired, none twice, none empty; the last ones go until it fits.
[[nodiscard]] std::string repair_tags(std::string_view text, std::size_t longest);

/// Lyrics whose section tags stand alone on lines, without what `check_lyrics` refuses. When too long, whole sections go
/// from the end, but the first chorus stays; a single section that is too long ends with a whole line. What a model could not
/// finish (`cut_off`) loses its last, incomplete section, or its last line if it has but one.
[[nodiscard]] std::string repair_lyrics(std::string_view text, std::size_t longest, bool cut_off);

}  // namespace music::openai
