#include "text_limits.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace music::suno {
namespace {

struct model_row {
  std::string_view prefix;  ///< in lower case
  text_limits limits;
  bool v6_interface = false;
  bool duration = false;
};

constexpr text_limits narrow{.description = 500, .style = 200, .lyrics = 3000, .title = 80, .negative = 200};
constexpr text_limits wide{.description = 500, .style = 1000, .lyrics = 5000, .title = 80, .negative = 1000};
constexpr text_limits widest{};

constexpr std::array rows{model_row{"v3", narrow},
                          model_row{"v4", narrow},
                          model_row{"v4_5", wide},
                          model_row{"v5", wide},
                          model_row{"v5_5", wide, false, true},
                          model_row{"v6", widest, true, true},
                          model_row{"chirp-v2", narrow},
                          model_row{"chirp-v3", narrow},
                          model_row{"chirp-v4", narrow},
                          model_row{"chirp-crow", wide}};

constexpr model_row unheard_of{"", widest, true, true};

const model_row& row_of(std::string_view model) noexcept {
  const auto* best = &unheard_of;
  for (const auto& row : rows) {
    const bool fits = equal_ignoring_case(model.substr(0, row.prefix.size()), row.prefix);
    if (fits && row.prefix.size() > best->prefix.size()) best = &row;
  }
  return *best;
}

std::size_t length_of(std::string_view text) { return count_code_points(text).value_or(text.size()); }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return std::string{trim(text)};
}

bool begins_section(std::string_view line) {
  const auto bare = trim(line);
  return bare.starts_with('[') && bare.ends_with(']');
}

/// Each a section's lines as one text; what stands before the first mark is a section too.
std::vector<std::string> sections_of(std::string_view lyrics) {
  std::vector<std::vector<std::string>> sections;
  for (auto& line : lines_of(lyrics)) {
    if (sections.empty() || begins_section(line)) sections.emplace_back();
    sections.back().push_back(std::move(line));
  }
  std::vector<std::string> texts;
  texts.reserve(sections.size());
  for (const auto& section : sections) texts.push_back(joined(section));
  return texts;
}

bool is_chorus(std::string_view section) {
  const auto mark = to_lower_ascii(section.substr(0, section.find('\n')));
  return mark.starts_with("[chorus") || mark.starts_with("[hook") || mark.starts_with("[refrain");
}

std::string joined_sections(const std::vector<std::string>& sections) {
  std::string text;
  for (const auto& section : sections) {
    if (!text.empty()) text += "\n\n";
    text += section;
  }
  return text;
}

void drop_last_section(std::vector<std::string>& sections) {
  const auto verse =
      std::find_if(sections.rbegin(), sections.rend(), [](const std::string& section) { return !is_chorus(section); });
  sections.erase(verse == sections.rend() ? std::prev(sections.end()) : std::prev(verse.base()));
}

}  // namespace

text_limits limits_for(std::string_view model) noexcept { return row_of(model).limits; }
bool has_v6_interface(std::string_view model) noexcept { return row_of(model).v6_interface; }
bool takes_duration(std::string_view model) noexcept { return row_of(model).duration; }

std::string fit_tags(std::string_view tags, std::size_t most) {
  auto text = trim(tags);
  while (length_of(text) > most) {
    const auto comma = text.rfind(',');
    if (comma == std::string_view::npos) return fit_prose(text, most);
    text = trim(text.substr(0, comma));
  }
  return std::string{text};
}

std::string fit_prose(std::string_view text, std::size_t most) {
  text = trim(text);
  if (length_of(text) <= most) return std::string{text};
  const auto kept = first_code_points(text, most);
  const auto sentence = kept.find_last_of(".!?;\n");
  if (sentence != std::string_view::npos && sentence + 1 >= kept.size() / 2)
    return std::string{trim(kept.substr(0, sentence + 1))};
  const bool word_ends_here = text[kept.size()] == ' ';
  const auto space = kept.rfind(' ');
  if (word_ends_here || space == std::string_view::npos) return std::string{trim(kept)};
  return std::string{trim(kept.substr(0, space))};
}

std::string fit_lyrics(std::string_view lyrics, std::size_t most) {
  if (length_of(lyrics) <= most) return std::string{lyrics};
  auto sections = sections_of(lyrics);
  while (sections.size() > 1 && length_of(joined_sections(sections)) > most) drop_last_section(sections);
  auto lines = lines_of(joined_sections(sections));
  while (lines.size() > 1 && length_of(joined(lines)) > most) lines.pop_back();
  return fit_prose(joined(lines), most);
}

}  // namespace music::suno
