#pragma once

/// Text to words, and the few things that words say outright.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::local {

/// ASCII letters in lower case, every other byte as it is.
[[nodiscard]] std::string lower_case(std::string_view text);

/// Runs of ASCII letters, digits, '#' and bytes above ASCII, in lower case; apostrophes vanish, all else divides.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

/// True where "no", "not", "without" or the like stands one or two words before `at`.
[[nodiscard]] bool is_negated(const std::vector<std::string>& words, std::size_t at);

/// "92 bpm", "92bpm", "bpm 92", "tempo 92"; only 40..220 count.
[[nodiscard]] std::optional<double> find_bpm(const std::vector<std::string>& words);

struct named_key {
  int root = 0;  ///< pitch class
  bool minor = false;
};

/// "in a minor", "c# major", "f sharp minor", "bb minor", "key of g".
[[nodiscard]] std::optional<named_key> find_key(const std::vector<std::string>& words);

/// "minor key", "in major": the mode without a tonic.
[[nodiscard]] std::optional<bool> find_mode(const std::vector<std::string>& words);

/// Percent of a style's usual tempo that "slow", "fast" and their kin ask for; 100 without any.
[[nodiscard]] int find_tempo_percent(const std::vector<std::string>& words);

/// "no drums", "without percussion", "drumless".
[[nodiscard]] bool refuses_drums(const std::vector<std::string>& words);

}  // namespace music::local
