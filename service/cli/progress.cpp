#include "progress.hpp"

#include <music/base/text.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>

namespace music::service {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::size_t longest_file_stem = 60;

struct stage_text {
  std::string_view stage;
  std::string_view words;
  std::size_t filled;  ///< of the bar
};

constexpr std::array stages{stage_text{"accepted", "accepted", 1},
                            stage_text{"prompting", "writing the prompt", 4},
                            stage_text{"submitting", "asking for music", 7},
                            stage_text{"generating", "making music", 14},
                            stage_text{"fetching", "fetching the audio", 20},
                            stage_text{"finished", "finished", bar_width}};

const stage_text& text_for(std::string_view stage) {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const auto& each) { return each.stage == stage; });
  return found == stages.end() ? stages.front() : *found;
}

std::string_view extension_for(std::string_view content_type) {
  if (content_type == "audio/ogg") return ".ogg";
  if (content_type == "audio/flac") return ".flac";
  if (content_type == "audio/wav") return ".wav";
  if (content_type == "audio/mp4") return ".m4a";
  return ".mp3";
}

}  // namespace

progress_display::progress_display() : terminal_(isatty(STDERR_FILENO) == 1), started_(std::chrono::steady_clock::now()) {}

void progress_display::show(std::string_view stage) {
  const bool changed = stage != last_stage_;
  last_stage_ = stage;
  if (terminal_) draw(stage);
  else if (changed) std::fprintf(stderr, "%s\n", std::string{text_for(stage).words}.c_str());
}

void progress_display::finish() {
  if (terminal_ && !last_stage_.empty()) std::fputc('\n', stderr);
}

void progress_display::draw(std::string_view stage) const {
  const auto& text = text_for(stage);
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_).count();
  const std::string bar = std::string(text.filled, '#') + std::string(bar_width - text.filled, '.');
  std::fprintf(stderr, "\r[%s] %-20s %4llds ", bar.c_str(), std::string{text.words}.c_str(), static_cast<long long>(elapsed));
  std::fflush(stderr);
}

std::string indent_json(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out.push_back(c);
      if (c == '\\' && i + 1 < json.size()) out.push_back(json[++i]);
      if (c == '"') in_string = false;
      continue;
    }
    const bool empty_pair = (c == '{' || c == '[') && i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
    if (empty_pair) {
      out.append(json.substr(i++, 2));
    } else if (c == '{' || c == '[') {
      out.push_back(c);
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      out.push_back(c);
    } else if (c == ',') {
      out.push_back(c);
      new_line();
    } else if (c == ':') {
      out.append(": ");
    } else {
      in_string = c == '"';
      out.push_back(c);
    }
  }
  return out;
}

std::string file_name_for(std::string_view title, std::string_view content_type) {
  std::string stem;
  for (const char c : to_lower_ascii(first_code_points(title, longest_file_stem))) {
    const auto byte = static_cast<unsigned char>(c);
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80;
    if (keep) stem.push_back(c);
    else if (!stem.empty() && stem.back() != '-') stem.push_back('-');
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return (stem.empty() ? "song" : stem) + std::string{extension_for(content_type)};
}

}  // namespace music::service
