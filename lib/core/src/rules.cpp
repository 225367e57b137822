#include <music/base/text.hpp>
#include <music/core/rules.hpp>

namespace music {
namespace {

constexpr std::string_view refused_ascii = "\\{}[]<>@%*$^|`~=";

/// Bytes that a text of n code points can have at most; checked first, so that no pattern ever sees a long input.
constexpr std::size_t bytes_per_code_point = 4;

/// U+266F is the sharp sign, which Unicode files under mathematics; the block 1F000-1FAFF covers pictographs newer than
/// RE2's tables. A zero-width joiner stands only between pictographs.
constexpr std::string_view line_expression =
    "(?:[\\p{L}\\p{M}\\p{N}\\p{Z}\\p{P}\\p{So}+\\x{266F}\\x{1F000}-\\x{1FAFF}]"
    "|[\\p{So}\\x{1F000}-\\x{1FAFF}\\x{FE0F}\\x{20E3}](?:\\x{200D}[\\p{So}\\x{1F000}-\\x{1FAFF}\\x{FE0F}\\x{20E3}]+)+)*";

constexpr std::string_view prompt_expression =
    "(?:[^\\p{C}]|[\\n\\t]|[\\x{1F000}-\\x{1FAFF}]|[\\p{So}\\x{1F000}-\\x{1FAFF}\\x{FE0F}](?:\\x{200D}[\\p{So}\\x{1F000}-\\x{1FAFF}\\x{FE0F}]+)+)*";

text_problem check_length(std::string_view text, std::size_t shortest, std::size_t longest) {
  if (text.size() > longest * bytes_per_code_point) return text_problem::too_long;
  const auto length = count_code_points(text);
  if (!length) return text_problem::not_utf8;
  if (*length < shortest) return text_problem::too_short;
  if (*length > longest) return text_problem::too_long;
  return text_problem::none;
}

text_problem check_lines(std::string_view text, std::size_t shortest, std::size_t longest) {
  static const pattern allowed{prompt_expression};
  const auto length = check_length(text, shortest, longest);
  if (length != text_problem::none) return length;
  return allowed.matches(text) ? text_problem::none : text_problem::forbidden_character;
}

}  // namespace

text_problem check_line(std::string_view text, std::size_t shortest, std::size_t longest) {
  static const pattern allowed{line_expression};
  const auto length = check_length(text, shortest, longest);
  if (length != text_problem::none) return length;
  if (text.find_first_of(refused_ascii) != std::string_view::npos) return text_problem::forbidden_character;
  return allowed.matches(text) ? text_problem::none : text_problem::forbidden_character;
}

text_problem check_prompt(std::string_view text) { return check_lines(text, shortest_prompt, longest_prompt); }

text_problem check_lyrics(std::string_view text) { return check_lines(text, 0, longest_lyrics); }

std::string describe(text_problem problem, std::size_t shortest, std::size_t longest) {
  switch (problem) {
    case text_problem::none: return "is fine";
    case text_problem::not_utf8: return "must be valid UTF-8";
    case text_problem::forbidden_character: return "has a character that is not allowed";
    case text_problem::too_short:
    case text_problem::too_long:
      if (shortest == 0) return "must have at most " + std::to_string(longest) + " characters";
      return "must have " + std::to_string(shortest) + " to " + std::to_string(longest) + " characters";
  }
  return "is not allowed";
}

}  // namespace music
