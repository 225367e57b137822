#include "dotenv.hpp"

#include <music/base/text.hpp>

#include <algorithm>

namespace music::service {
namespace {

bool name_character(char c, bool first) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

bool valid_name(std::string_view name) {
  if (name.empty() || !name_character(name.front(), true)) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return name_character(c, false); });
}

bool only_comment(std::string_view rest) {
  rest = trim(rest);
  return rest.empty() || rest.front() == '#';
}

std::optional<std::string> quoted(std::string_view text) {
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return only_comment(text.substr(i + 1)) ? std::optional{value} : std::nullopt;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      value.push_back(text[i] == 'n' ? '\n' : text[i]);
    } else {
      value.push_back(text[i]);
    }
  }
  return std::nullopt;
}

std::string bare(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comment = text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t');
    if (comment) return std::string{trim(text.substr(0, i))};
  }
  return std::string{text};
}

}  // namespace

std::optional<std::map<std::string, std::string, std::less<>>> parse_dotenv(std::string_view text, int& bad_line) {
  std::map<std::string, std::string, std::less<>> values;
  for (bad_line = 1; !text.empty(); ++bad_line) {
    const auto end = text.find('\n');
    auto line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = trim(line.substr(0, equals));
    const auto rest = trim(line.substr(equals + 1));
    if (!valid_name(name)) return std::nullopt;
    const bool in_quotes = !rest.empty() && (rest.front() == '"' || rest.front() == '\'');
    auto value = in_quotes ? quoted(rest) : std::optional{bare(rest)};
    if (!value) return std::nullopt;
    values.insert_or_assign(std::string{name}, std::move(*value));
  }
  return values;
}

}  // namespace music::service
