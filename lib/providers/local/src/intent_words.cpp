#include "intent_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace music::local {

namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '#' || static_cast<unsigned char>(c) >= 0x80;
}

template <typename Range>
bool is_one_of(const std::string& word, const Range& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The number that `word` begins with, if the rest is nothing or `unit`.
std::optional<int> leading_number(std::string_view word, std::string_view unit) {
  std::size_t digits = 0;
  int value = 0;
  while (digits < word.size() && digits < 3 && word[digits] >= '0' && word[digits] <= '9') {
    value = value * 10 + (word[digits++] - '0');
  }
  const auto rest = word.substr(digits);
  return digits > 0 && (rest.empty() || rest == unit) ? std::optional{value} : std::nullopt;
}

std::optional<double> plausible(std::optional<int> bpm) {
  return bpm && *bpm >= 40 && *bpm <= 220 ? std::optional<double>{*bpm} : std::nullopt;
}

/// "c", "c#", "db", "bb"; "cs" is no note.
std::optional<int> note_of(std::string_view word) {
  static constexpr std::array<int, 7> naturals{9, 11, 0, 2, 4, 5, 7};
  if (word.empty() || word.size() > 2 || word[0] < 'a' || word[0] > 'g') {
    return std::nullopt;
  }
  const int natural = naturals[static_cast<std::size_t>(word[0] - 'a')];
  if (word.size() == 1) {
    return natural;
  }
  if (word[1] != '#' && word[1] != 'b') {
    return std::nullopt;
  }
  return (natural + (word[1] == '#' ? 1 : 11)) % 12;
}

std::optional<bool> mode_of(const std::string& word) {
  if (word == "minor" || word == "min" || word == "moll") {
    return true;
  }
  if (word == "major" || word == "maj" || word == "dur") {
    return false;
  }
  return std::nullopt;
}

/// "a" is an article more often than a note: it takes an introduction.
bool introduces_key(const std::vector<std::string>& words, std::size_t at) {
  static constexpr std::array<std::string_view, 4> openings{"in", "of", "key", "to"};
  return at == 0 || is_one_of(words[at - 1], openings);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (auto& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : lower_case(text)) {
    if (c == '\'') {
      continue;
    }
    if (!is_word_byte(c)) {
      inside = false;
      continue;
    }
    if (!inside) {
      words.emplace_back();
      inside = true;
    }
    words.back().push_back(c);
  }
  return words;
}

bool is_negated(const std::vector<std::string>& words, std::size_t at) {
  static constexpr std::array<std::string_view, 8> denials{"no", "not", "without", "non", "never", "minus", "isnt", "avoid"};
  return (at >= 1 && is_one_of(words[at - 1], denials)) || (at >= 2 && is_one_of(words[at - 2], denials));
}

std::optional<double> find_bpm(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool followed = i + 1 < words.size() && words[i + 1] == "bpm";
    const bool introduced = i > 0 && (words[i - 1] == "bpm" || words[i - 1] == "tempo");
    const bool carries_unit = words[i].size() > 3 && words[i].ends_with("bpm");
    if (followed || introduced || carries_unit) {
      if (const auto bpm = plausible(leading_number(words[i], "bpm"))) {
        return bpm;
      }
    }
  }
  return std::nullopt;
}

std::optional<named_key> find_key(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto note = note_of(words[i]);
    if (!note) {
      continue;
    }
    std::size_t next = i + 1;
    if (next < words.size() && (words[next] == "sharp" || words[next] == "flat")) {
      note = (*note + (words[next] == "sharp" ? 1 : 11)) % 12;
      ++next;
    }
    const auto mode = next < words.size() ? mode_of(words[next]) : std::nullopt;
    if (mode && (words[i] != "a" || introduces_key(words, i))) {
      return named_key{*note, *mode};
    }
    if (i >= 2 && words[i - 1] == "of" && words[i - 2] == "key") {
      return named_key{*note, false};
    }
  }
  return std::nullopt;
}

std::optional<bool> find_mode(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool speaks_of_key =
        (i + 1 < words.size() && (words[i + 1] == "key" || words[i + 1] == "scale" || words[i + 1] == "chords")) ||
        (i > 0 && words[i - 1] == "in");
    if (const auto mode = mode_of(words[i]); mode && speaks_of_key) {
      return mode;
    }
  }
  return std::nullopt;
}

int find_tempo_percent(const std::vector<std::string>& words) {
  static constexpr std::array<std::pair<std::string_view, int>, 22> table{
      {{"slow", 86},      {"slowly", 86},    {"largo", 76},   {"adagio", 82},   {"lento", 80},    {"andante", 92},
       {"downtempo", 88}, {"unhurried", 90}, {"relaxed", 94}, {"langsam", 86},  {"lent", 86},     {"fast", 116},
       {"faster", 116},   {"quick", 112},    {"upbeat", 110}, {"uptempo", 114}, {"allegro", 114}, {"presto", 124},
       {"vivace", 118},   {"brisk", 110},    {"speedy", 116}, {"schnell", 116}}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first == words[i]; });
    if (found != table.end() && !is_negated(words, i)) {
      return found->second;
    }
  }
  return 100;
}

bool refuses_drums(const std::vector<std::string>& words) {
  static constexpr std::array<std::string_view, 5> names{"drums", "drum", "percussion", "drumming", "beats"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "drumless" || words[i] == "beatless" || (is_one_of(words[i], names) && is_negated(words, i))) {
      return true;
    }
  }
  return false;
}

}  // namespace music::local
