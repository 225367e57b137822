#include "composer_title.hpp"

#include <algorithm>
#include <array>

namespace music::local {

namespace {

constexpr std::size_t longest_title = 80;
constexpr std::size_t shortest_clause = 4;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// True for the bytes that begin a code point.
bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

bool stays_small(std::string_view word) {
  static constexpr std::array<std::string_view, 17> small{"a",  "an", "and", "as", "at",  "but", "by",   "for", "from",
                                                          "in", "of", "on",  "or", "the", "to",  "with", "over"};
  return std::find(small.begin(), small.end(), word) != small.end();
}

/// The first clause, with every run of blanks and controls as one blank.
std::string first_clause(std::string_view theme) {
  std::string clause;
  for (const char c : theme) {
    const bool divides = c == ',' || c == ';' || c == '\n' || c == '.' || c == '!' || c == '?';
    if (divides && clause.size() >= shortest_clause) {
      break;
    }
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || divides;
    if (!blank) {
      clause.push_back(c);
    } else if (!clause.empty() && clause.back() != ' ') {
      clause.push_back(' ');
    }
  }
  while (!clause.empty() && clause.back() == ' ') {
    clause.pop_back();
  }
  return clause;
}

void capitalize(std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const std::string_view word{text.data() + begin, end - begin};
    if (begin == 0 || end == text.size() || !stays_small(word)) {
      if (is_letter(text[begin]) && text[begin] >= 'a') {
        text[begin] = static_cast<char>(text[begin] - 'a' + 'A');
      }
    }
    begin = end + 1;
  }
}

std::string shorten(std::string text) {
  std::size_t points = 0;
  std::size_t at = 0;
  while (at < text.size() && (points < longest_title || !begins_code_point(text[at]))) {
    points += begins_code_point(text[at]) ? 1 : 0;
    ++at;
  }
  if (at == text.size()) {
    return text;
  }
  const auto blank = text.rfind(' ', at);
  text.resize(blank != std::string::npos && blank > at / 2 ? blank : at);
  return text;
}

}  // namespace

std::string make_title(std::string_view theme) {
  auto title = shorten(first_clause(theme));
  capitalize(title);
  return title.empty() ? "Untitled" : title;
}

}  // namespace music::local
