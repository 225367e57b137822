/// Renders a song of default length for every style, for people to hear and for the objective checks to judge.
///
///   music_render_styles DIRECTORY [--notes-only] [--format mp3|ogg|flac|wav] [--theme T] [--seed N] [--soundfont F] [STYLE...]
///
/// Writes <style>.<format>, <style>.mid and <style>.json, which says what the song claims to be. Prints one line a
/// style with the time it took. Exit codes: 0 done, 1 a render failed, 2 bad usage.

#include "composer.hpp"
#include "midi.hpp"
#include "renderer.hpp"
#include "style.hpp"

#include <sys/resource.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace music::local;

struct settings {
  std::filesystem::path directory;
  bool notes_only = false;
  std::string format = "mp3";
  std::string theme = "a quiet evening by the river";
  std::string soundfont = "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3";
  std::uint64_t seed = 7;
  std::vector<std::string> styles;
};

bool parse_seed(std::string_view text, std::uint64_t& seed) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return failure == std::errc{} && end == text.data() + text.size();
}

/// False if the arguments cannot be understood.
bool parse(const std::vector<std::string>& arguments, settings& chosen) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--notes-only") {
      chosen.notes_only = true;
    } else if (word.starts_with("--")) {
      if (++i == arguments.size()) return false;
      const std::string& value = arguments[i];
      if (word == "--format") chosen.format = value;
      else if (word == "--theme") chosen.theme = value;
      else if (word == "--soundfont") chosen.soundfont = value;
      else if (word != "--seed" || !parse_seed(value, chosen.seed)) return false;
    } else if (chosen.directory.empty()) {
      chosen.directory = word;
    } else {
      chosen.styles.push_back(word);
    }
  }
  if (chosen.styles.empty()) {
    for (const style& s : all_styles()) chosen.styles.emplace_back(s.id);
  }
  return !chosen.directory.empty();
}

audio_format format_named(std::string_view name) {
  if (name == "ogg") return audio_format::ogg;
  if (name == "flac") return audio_format::flac;
  if (name == "wav") return audio_format::wav;
  return audio_format::mp3;
}

char letter_of(section_kind kind) {
  switch (kind) {
    case section_kind::intro: return 'I';
    case section_kind::verse: return 'A';
    case section_kind::chorus: return 'B';
    case section_kind::bridge: return 'C';
    case section_kind::breakdown: return 'D';
    case section_kind::outro: return 'O';
  }
  return '?';
}

std::string claims_of(const score& piece) {
  std::ostringstream json;
  json << R"({"bpm": )" << piece.bpm << R"(, "keyPc": )" << piece.key_root << R"(, "minor": )" << (piece.minor ? "true" : "false")
       << R"(, "beats_per_bar": )" << piece.beats_per_bar << R"(, "duration": )" << piece.duration_seconds
       << R"(, "sections": [)";
  const char* separator = "";
  for (const section& s : piece.form) {
    json << separator << R"([")" << letter_of(s.kind) << R"(", )" << s.first_bar << ", " << s.bars << ", " << s.energy << "]";
    separator = ", ";
  }
  json << "]}\n";
  return json.str();
}

void save(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary}.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

bool render_style(const settings& chosen, const std::string& style_id) {
  const score piece = compose({.theme = chosen.theme, .seed = chosen.seed, .style = style_id});
  save(chosen.directory / (style_id + ".mid"), to_midi(piece));
  save(chosen.directory / (style_id + ".json"), claims_of(piece));
  if (chosen.notes_only) return true;

  const double before = cpu_seconds();
  const auto audio = render(piece, {.format = format_named(chosen.format), .soundfont = chosen.soundfont});
  if (!audio) {
    std::fprintf(stderr, "%s: %s\n", style_id.c_str(), audio.error().detail.c_str());
    return false;
  }
  save(chosen.directory / (style_id + "." + chosen.format), audio->bytes);
  const double cpu = cpu_seconds() - before;
  std::printf("%-12s %6.1f s  %6.2f LUFS  %5.2f dBTP  %7zu bytes  %5.2f CPU-s  %5.1f x real time  %ld MB\n", style_id.c_str(),
              audio->duration_seconds, audio->integrated_lufs, audio->true_peak_dbtp, audio->bytes.size(), cpu,
              audio->duration_seconds / cpu, peak_megabytes());
  return true;
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  settings chosen;
  if (!parse({words + 1, words + count}, chosen)) {
    std::fprintf(
        stderr,
        "usage: music_render_styles DIRECTORY [--notes-only] [--format F] [--theme T] [--seed N] [--soundfont F] [STYLE...]\n");
    return 2;
  }
  std::filesystem::create_directories(chosen.directory);
  bool all_well = true;
  for (const std::string& style_id : chosen.styles) all_well = render_style(chosen, style_id) && all_well;
  return all_well ? 0 : 1;
}
