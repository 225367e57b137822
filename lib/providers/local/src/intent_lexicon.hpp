#pragma once

/// The words that the composer knows.

#include <cstdint>
#include <span>
#include <string_view>

namespace music::local {

enum class word_class : std::uint8_t { mood, scene, instrument, genre };

/// One word, or two divided by a blank; lower case, UTF-8. `styles` are ids divided by blanks, the first counts most.
struct lexeme {
  std::string_view word;
  word_class kind{};
  std::string_view styles;
  int valence = 0;
  int arousal = 0;
  int program = -1;  ///< of an instrument that can lead, General MIDI
};

/// Sorted by nothing in particular; looked up through an index that intent.cpp builds once.
[[nodiscard]] std::span<const lexeme> lexicon();

/// Words of languages that do not put blanks between words: looked for anywhere in the text.
[[nodiscard]] std::span<const lexeme> unspaced_lexicon();

}  // namespace music::local
