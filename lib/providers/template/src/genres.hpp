#pragma once

/// What the template writer knows of music. The ids are those of the embedded composer's styles, so that what is written
/// here is what is played there.

#include <span>
#include <string_view>

namespace music::templates {

/// Word lists are divided by '|'; words are lower case and matched whole, Chinese, Japanese and Korean ones
/// anywhere in the text.
struct genre {
  std::string_view id;
  std::string_view phrase;   ///< as it stands in a sentence, e.g. "lofi hip hop"
  std::string_view names;    ///< words that name the genre
  std::string_view scenes;   ///< words that suggest it
  int lowest_bpm = 80;
  int highest_bpm = 120;
  std::string_view keys;
  std::string_view moods;
  std::string_view leads;        ///< who plays the melody
  std::string_view beds;         ///< what it rests on
  std::string_view rhythms;
  std::string_view productions;
};

/// All of them. Lives as long as the program.
[[nodiscard]] std::span<const genre> genres();

/// Words of the theme and the mood that they ask for, in every genre.
struct mood_words {
  std::string_view mood;
  std::string_view words;
};

[[nodiscard]] std::span<const mood_words> moods();

}  // namespace music::templates
