#pragma once

/// What text may look like when it comes in from a client or from a language model. Lengths are Unicode code points.

#include <cstddef>
#include <string>
#include <string_view>

namespace music {

inline constexpr std::size_t shortest_theme = 3;
inline constexpr std::size_t longest_theme = 500;
inline constexpr std::size_t longest_tags = 200;
inline constexpr std::size_t longest_title = 80;
inline constexpr std::size_t longest_lyrics = 5000;
inline constexpr std::size_t longest_negative_tags = 1000;  ///< what the widest gateway takes (sunoapi.org, 2026-11)
inline constexpr std::size_t shortest_prompt = 10;
inline constexpr std::size_t longest_prompt = 2000;

/// What is wrong with a text; the names are fixed so that no value of the client's can get into a message.
enum class text_problem : unsigned char { none, not_utf8, too_short, too_long, forbidden_character };

/// A one-line text: letters, marks, digits, spaces, punctuation and pictographs of any script. Refused are control and
/// format characters (but the joiner inside an emoji) and the ASCII \ { } [ ] < > @ % * $ ^ | ` ~ =
/// Give it trimmed text.
[[nodiscard]] text_problem check_line(std::string_view text, std::size_t shortest, std::size_t longest);

/// A prompt: several lines are fine, so are brackets and the like; control and format characters are not.
[[nodiscard]] text_problem check_prompt(std::string_view text);

/// Lyrics: of the same kind as a prompt, and may be empty.
[[nodiscard]] text_problem check_lyrics(std::string_view text);

[[nodiscard]] inline text_problem check_theme(std::string_view text) { return check_line(text, shortest_theme, longest_theme); }
[[nodiscard]] inline text_problem check_tags(std::string_view text) { return check_line(text, 0, longest_tags); }
[[nodiscard]] inline text_problem check_title(std::string_view text) { return check_line(text, 1, longest_title); }

/// A fixed sentence for the problem, e.g. "must have 3 to 500 characters".
[[nodiscard]] std::string describe(text_problem problem, std::size_t shortest, std::size_t longest);

}  // namespace music
