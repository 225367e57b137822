#include <music/base/text.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <utility>

namespace music::upstream {
namespace {

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = trim(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool heading(std::string_view line) { return line.size() > 2 && line.front() == '[' && line.back() == ']'; }

}  // namespace

std::string style_words(const song_request& request) {
  if (request.tags.empty() || request.style.empty()) return request.tags + request.style;
  return request.tags + ", " + request.style;
}

std::string whole_prompt(const song_request& request, std::size_t most) {
  const auto style = style_words(request);
  auto whole = style.empty() ? request.prompt : request.prompt + "\nStyle: " + style;
  if (count_code_points(whole).value_or(most) <= most) return whole;
  return std::string{first_code_points(request.prompt, most)};
}

std::vector<std::string> list_of(std::string_view words, std::size_t most) {
  std::vector<std::string> parts;
  while (!words.empty() && parts.size() < most) {
    const auto comma = words.find(',');
    const auto part = trim(words.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
  }
  return parts;
}

std::string cut_at_line(std::string_view text, std::size_t most) {
  const auto fitting = first_code_points(text, most);
  if (fitting.size() == text.size() || text[fitting.size()] == '\n') return std::string{fitting};
  const auto line_end = fitting.rfind('\n');
  return std::string{fitting.substr(0, line_end == std::string_view::npos ? fitting.size() : line_end)};
}

std::vector<lyric_section> sections_of(std::string_view lyrics, std::size_t most) {
  std::vector<lyric_section> sections;
  while (!lyrics.empty()) {
    const auto line = take_line(lyrics);
    if (heading(line) && sections.size() < most) {
      sections.push_back({std::string{line.substr(1, line.size() - 2)}, {}});
    } else if (!line.empty()) {
      if (sections.empty()) sections.push_back({"Verse", {}});
      sections.back().lines.emplace_back(line);
    }
  }
  return sections;
}

}  // namespace music::upstream
