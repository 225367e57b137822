#include "theory.hpp"

#include <array>

namespace music::local {

namespace {

struct quality {
  std::string_view text;
  bool minor;
  std::string_view printed;
  std::vector<int> intervals;
};

const std::vector<quality>& qualities() {
  static const std::vector<quality> table{
      {"", false, "", {0, 4, 7}},
      {"5", false, "5", {0, 7}},
      {"6", false, "6", {0, 4, 7, 9}},
      {"69", false, "6/9", {0, 4, 7, 9, 14}},
      {"7", false, "7", {0, 4, 7, 10}},
      {"9", false, "9", {0, 4, 7, 10, 14}},
      {"13", false, "13", {0, 4, 7, 10, 14, 21}},
      {"7b9", false, "7b9", {0, 4, 7, 10, 13}},
      {"maj7", false, "maj7", {0, 4, 7, 11}},
      {"maj9", false, "maj9", {0, 4, 7, 11, 14}},
      {"add9", false, "add9", {0, 4, 7, 14}},
      {"sus2", false, "sus2", {0, 2, 7}},
      {"sus4", false, "sus4", {0, 5, 7}},
      {"7sus4", false, "7sus4", {0, 5, 7, 10}},
      {"9sus4", false, "9sus4", {0, 5, 7, 10, 14}},
      {"", true, "m", {0, 3, 7}},
      {"6", true, "m6", {0, 3, 7, 9}},
      {"7", true, "m7", {0, 3, 7, 10}},
      {"9", true, "m9", {0, 3, 7, 10, 14}},
      {"11", true, "m11", {0, 3, 7, 10, 14, 17}},
      {"add9", true, "m(add9)", {0, 3, 7, 14}},
      {"7b5", true, "m7b5", {0, 3, 6, 10}},
      {"dim", true, "dim", {0, 3, 6}},
      {"dim7", true, "dim7", {0, 3, 6, 9}},
  };
  return table;
}

struct numeral {
  std::string_view text;
  int semitones;
};

/// Longer numerals first, so that "VII" is not read as "V".
constexpr std::array<numeral, 7> numerals{{{"VII", 11}, {"III", 4}, {"VI", 9}, {"IV", 5}, {"II", 2}, {"V", 7}, {"I", 0}}};

constexpr char upper(char c) { return c == 'i' || c == 'v' ? static_cast<char>(c - 'a' + 'A') : c; }

bool matches_numeral(std::string_view text, std::string_view numeral_text, bool minor) {
  if (text.size() < numeral_text.size()) {
    return false;
  }
  for (std::size_t i = 0; i < numeral_text.size(); ++i) {
    if (upper(text[i]) != numeral_text[i] || (text[i] == numeral_text[i]) == minor) {
      return false;
    }
  }
  return true;
}

}  // namespace

pitch_set scale_tones(scale_id scale, int tonic) {
  static constexpr std::array<std::array<int, 7>, 5> steps{{
      {0, 2, 4, 5, 7, 9, 11},
      {0, 2, 4, 6, 7, 9, 11},
      {0, 2, 4, 5, 7, 9, 10},
      {0, 2, 3, 5, 7, 8, 10},
      {0, 2, 3, 5, 7, 9, 10},
  }};
  pitch_set tones;
  for (const int step : steps[static_cast<std::size_t>(scale)]) {
    tones.insert(tonic + step);
  }
  return tones;
}

std::optional<chord_shape> parse_chord(std::string_view text) {
  int accidental = 0;
  if (!text.empty() && (text.front() == 'b' || text.front() == '#')) {
    accidental = text.front() == 'b' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  const bool minor = text.front() == 'i' || text.front() == 'v';
  for (const auto& candidate : numerals) {
    if (!matches_numeral(text, candidate.text, minor)) {
      continue;
    }
    const auto suffix = text.substr(candidate.text.size());
    for (const auto& q : qualities()) {
      if (q.minor == minor && q.text == suffix) {
        return chord_shape{pitch_class(candidate.semitones + accidental), q.intervals, std::string{q.printed}};
      }
    }
    return std::nullopt;
  }
  return std::nullopt;
}

pitch_set chord_tones(int root, const std::vector<int>& intervals) {
  pitch_set tones;
  for (const int interval : intervals) {
    tones.insert(root + interval);
  }
  return tones;
}

pitch_set bend_scale(pitch_set scale, pitch_set chord) {
  for (int pc = 0; pc < 12; ++pc) {
    if (!chord.contains(pc) || scale.contains(pc)) {
      continue;
    }
    for (const int neighbour : {pc - 1, pc + 1}) {
      if (!chord.contains(neighbour)) {
        scale.erase(neighbour);
      }
    }
    scale.insert(pc);
  }
  return scale;
}

bool written_with_flats(int tonic, bool minor) {
  const int relative_major = pitch_class(minor ? tonic + 3 : tonic);
  return relative_major == 5 || relative_major == 10 || relative_major == 3 || relative_major == 8 || relative_major == 1;
}

std::string_view pitch_name(int pitch, bool flats) {
  static constexpr std::array<std::string_view, 12> sharp{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
  static constexpr std::array<std::string_view, 12> flat{"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};
  const auto index = static_cast<std::size_t>(pitch_class(pitch));
  return flats ? flat[index] : sharp[index];
}

int move_in_scale(int pitch, int steps, pitch_set scale) {
  while (!scale.contains(pitch)) {
    ++pitch;
  }
  const int direction = steps < 0 ? -1 : 1;
  for (int left = steps * direction; left > 0; --left) {
    do {
      pitch += direction;
    } while (!scale.contains(pitch));
  }
  return pitch;
}

}  // namespace music::local
