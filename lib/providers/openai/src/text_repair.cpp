#include "text_repair.hpp"

#include <music/base/text.hpp>
#include <music/core/rules.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace music::openai {
namespace {

std::size_t length_of(std::string_view text) { return count_code_points(text).value_or(0); }

/// Calls `each` for every code point.
template <class Each>
void for_each_code_point(std::string_view text, Each each) {
  while (const auto next = decode_utf8(text)) {
    each(text.substr(0, next->bytes));
    text.remove_prefix(next->bytes);
  }
}

/// Calls `each` for every part between the separators; the separators are ASCII.
template <class Each>
void split(std::string_view text, std::string_view separators, Each each) {
  for (;;) {
    const auto end = text.find_first_of(separators);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string allowed_line(std::string_view text) {
  if (check_line(text, 0, text.size()) == text_problem::none) return std::string{trim(text)};
  std::string kept;
  for_each_code_point(text, [&](std::string_view one) {
    const bool fine = check_line(one, 1, 1) == text_problem::none && one != " ";
    if (fine) kept += one;
    else if (!kept.ends_with(' ')) kept += ' ';
  });
  return std::string{trim(kept)};
}

// --- lyrics -------------------------------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 19> section_names{
    "intro", "verse",     "pre-chorus", "prechorus", "chorus",       "post-chorus", "hook",  "refrain", "bridge", "break",
    "build", "breakdown", "drop",       "interlude", "instrumental", "solo",        "outro", "coda",    "end"};
constexpr std::string_view decoration = "*#_()[]: ";
constexpr std::size_t longest_heading = 40;

/// A line that names a section, however the model dressed it up: "**Verse 1:**", "(Chorus)", "## Bridge". Bare words without
/// any decoration are sung.
bool names_section(std::string_view line, std::string_view bare) {
  if (bare.empty() || bare.size() == line.size() || length_of(bare) > longest_heading) return false;
  const auto lower = to_lower_ascii(bare);
  return std::any_of(section_names.begin(), section_names.end(), [&](std::string_view name) {
    return lower.starts_with(name) && (lower.size() == name.size() || lower[name.size()] == ' ');
  });
}

std::string_view without_decoration(std::string_view line) {
  const auto begin = line.find_first_not_of(decoration);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(decoration) - begin + 1);
}

/// Appends the line, with an empty one never twice.
void append_line(std::string& lyrics, std::string_view line) {
  if (line.empty() && (lyrics.empty() || lyrics.ends_with("\n\n"))) return;
  lyrics += line;
  lyrics += '\n';
}

void tidy_line(std::string& lyrics, std::string_view line) {
  const auto bare = without_decoration(line);
  const auto close = line.find(']');
  if (line.starts_with('[') && close != std::string_view::npos) {
    append_line(lyrics, line.substr(0, close + 1));
    const auto sung = trim(line.substr(close + 1));
    if (!without_decoration(sung).empty()) append_line(lyrics, sung);
  } else if (names_section(line, bare)) {
    append_line(lyrics, '[' + std::string{bare} + ']');
  } else {
    append_line(lyrics, line);
  }
}

std::string allowed_lyrics(std::string_view text) {
  std::string kept;
  for_each_code_point(text, [&](std::string_view one) {
    if (one == "\n" || check_lyrics(one) == text_problem::none) kept += one;
  });
  return kept;
}

/// Each begins with a line that begins with '['.
std::vector<std::string> sections_of(std::string_view lyrics) {
  std::vector<std::string> sections{{}};
  split(lyrics, "\n", [&](std::string_view line) {
    if (line.starts_with('[') && !trim(sections.back()).empty()) sections.emplace_back();
    sections.back() += line;
    sections.back() += '\n';
  });
  return sections;
}

std::string joined(const std::vector<std::string>& sections) {
  std::string lyrics;
  for (const auto& section : sections) lyrics += section;
  return std::string{trim(lyrics)};
}

bool is_chorus(const std::string& section) { return to_lower_ascii(section).starts_with("[chorus"); }

std::string whole_lines(std::string_view text, std::size_t longest) {
  const auto fitting = first_code_points(text, longest);
  if (fitting.size() == text.size()) return std::string{text};
  const auto end = fitting.rfind('\n');
  return std::string{trim(fitting.substr(0, end == std::string_view::npos ? 0 : end))};
}

void drop_unfinished(std::vector<std::string>& sections) {
  if (sections.size() > 1) {
    sections.pop_back();
    return;
  }
  auto& only = sections.front();
  const auto text = trim(only);
  const auto end = text.rfind('\n');
  only = end == std::string_view::npos ? std::string{} : std::string{text.substr(0, end)};
}

}  // namespace

std::string repair_line(std::string_view text, std::size_t longest) {
  auto line = allowed_line(text);
  const auto fitting = first_code_points(line, longest);
  if (fitting.size() == line.size()) return line;
  const auto blank = fitting.rfind(' ');
  return std::string{trim(blank == std::string_view::npos ? fitting : fitting.substr(0, blank))};
}

std::string repair_tags(std::string_view text, std::size_t longest) {
  std::vector<std::string> seen;
  std::string tags;
  split(text, ",;\n", [&](std::string_view part) {
    auto tag = allowed_line(part);
    const auto known = [&](const std::string& other) { return equal_ignoring_case(other, tag); };
    if (tag.empty() || std::any_of(seen.begin(), seen.end(), known)) return;
    const auto more = (tags.empty() ? "" : ", ") + tag;
    if (length_of(tags) + length_of(more) > longest) return;
    tags += more;
    seen.push_back(std::move(tag));
  });
  return tags;
}

std::string repair_lyrics(std::string_view text, std::size_t longest, bool cut_off) {
  std::string tidy;
  split(allowed_lyrics(text), "\n", [&](std::string_view line) { tidy_line(tidy, trim(line)); });
  auto sections = sections_of(trim(tidy));
  if (cut_off) drop_unfinished(sections);
  const auto first_chorus = std::find_if(sections.begin(), sections.end(), is_chorus) - sections.begin();
  while (sections.size() > 1 && length_of(joined(sections)) > longest) {
    const bool spares_chorus = static_cast<std::ptrdiff_t>(sections.size()) - 1 == first_chorus && sections.size() > 2;
    sections.erase(sections.end() - (spares_chorus ? 2 : 1));
  }
  return whole_lines(joined(sections), longest);
}

}  // namespace music::openai
