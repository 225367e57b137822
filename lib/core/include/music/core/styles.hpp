#pragma once

/// The styles that `style` of a request can name: what GET /styles tells and what the prompt writers write by.

#include <span>
#include <string_view>

namespace music {

/// Data of one genre. All text is static. Lists are divided by '|' and never empty; `for_each_part` takes them apart.
struct song_style {
  std::string_view id;           ///< what `style` says: lower-case letters and digits
  std::string_view name;         ///< for people
  std::string_view played_as;    ///< the embedded composer's style that comes nearest; its own id where it has one
  std::string_view tags;         ///< for music services, the most telling first
  std::string_view instruments;
  int lowest_bpm = 80;
  int highest_bpm = 120;
  std::string_view keys;
  std::string_view moods;
  std::string_view names;        ///< words that name the genre; lower case, Chinese, Japanese and Korean ones matched anywhere
  std::string_view scenes;       ///< words that suggest it, likewise
  std::string_view leads;        ///< who plays the melody
  std::string_view beds;         ///< what it rests on
  std::string_view rhythms;
  std::string_view productions;
  /// The prompt, with {theme}, {mood}, {tempo} ("92 BPM in A minor"), {lead}, {bed}, {rhythm}, {structure} and {production}.
  /// The sentences {structure} and {production} stand last and may be left out.
  std::string_view prompt_template;
};

/// All of them, those that the embedded composer plays itself first.
[[nodiscard]] std::span<const song_style> song_styles() noexcept;

/// The style with this id or name, whatever the case of its ASCII letters; null if there is none, for then the text is words
/// about style that music services may still understand.
[[nodiscard]] const song_style* find_song_style(std::string_view text) noexcept;

/// Calls `each` for every part of a list that is divided by '|'.
template <class Each>
void for_each_part(std::string_view list, Each each) {
  while (!list.empty()) {
    const auto end = list.find('|');
    each(list.substr(0, end));
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

}  // namespace music
