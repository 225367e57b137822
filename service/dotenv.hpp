#pragma once

/// `.env` files: NAME=value lines.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace music::service {

/// Reads `NAME=value`, with an optional `export ` before it, `#` comments on lines of their own or after white space, and
/// values bare, in single quotes (as they are) or in double quotes (\n, \", \\ mean what they usually do). Gives nothing on
/// a line that is none of that; then `bad_line` is its number, from 1.
[[nodiscard]] std::optional<std::map<std::string, std::string, std::less<>>> parse_dotenv(std::string_view text, int& bad_line);

}  // namespace music::service
