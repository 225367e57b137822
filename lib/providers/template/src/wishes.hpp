#pragma once

/// What the words of a request ask for: a style, a mood, a tempo, a key.

#include <music/base/random.hpp>
#include <music/core/ports.hpp>
#include <music/core/styles.hpp>

#include <string_view>

namespace music::templates {

/// Everything that is chosen before a word is written. The texts live as long as the program.
struct wishes {
  const song_style* style = nullptr;  ///< never null
  std::string_view mood;
  int bpm = 0;
  std::string_view key;  ///< empty: the request says its own
};

/// The style that the request names, by `style` or in its words; else the one that its scenes suggest; else one that the
/// embedded composer plays itself, by luck. A tempo that the request says ("92 bpm", "slow") is kept.
[[nodiscard]] wishes read_wishes(const prompt_request& request, random_source& random);

/// One of the parts of a list that is divided by '|'.
[[nodiscard]] std::string_view pick(std::string_view list, random_source& random);

}  // namespace music::templates
