#include "song_words.hpp"

#include <music/base/text.hpp>

namespace music::suno {
namespace {

std::size_t length_of(std::string_view text) { return count_code_points(text).value_or(text.size()); }

/// `sentence` behind `text`, if it leaves room for as much text again.
void add_sentence(std::string& text, std::string_view name, std::string_view words, std::size_t most) {
  if (words.empty()) return;
  std::string sentence{name};
  sentence += words;
  sentence += '.';
  if (length_of(text) + 2 * length_of(sentence) > most) return;
  if (!text.empty()) text += ' ';
  text += sentence;
}

}  // namespace

std::string style_of(const song_request& request, const text_limits& limits) {
  constexpr std::size_t worth_adding = 40;  // code points of the prompt; less says nothing
  auto style = fit_tags(style_words(request), limits.style);
  if (style.empty()) return fit_prose(request.prompt, limits.style);
  const auto used = length_of(style) + 2;
  if (used + worth_adding <= limits.style) style += ". " + fit_prose(request.prompt, limits.style - used);
  return style;
}

std::string description_of(const song_request& request, const text_limits& limits) {
  std::string wishes;
  add_sentence(wishes, "Style: ", style_words(request), limits.description);
  add_sentence(wishes, "Avoid: ", request.negative_tags, limits.description);
  add_sentence(wishes, "Title: ", request.title, limits.description);
  if (wishes.empty()) return fit_prose(request.prompt, limits.description);
  return fit_prose(request.prompt, limits.description - length_of(wishes) - 1) + ' ' + wishes;
}

std::string title_of(const song_request& request, const text_limits& limits) {
  return fit_prose(request.title.empty() ? request.theme : request.title, limits.title);
}

std::string lyrics_of(const song_request& request, const text_limits& limits) {
  return fit_lyrics(request.lyrics, limits.lyrics);
}

std::string negative_tags_of(const song_request& request, const text_limits& limits) {
  return fit_tags(request.negative_tags, limits.negative);
}

}  // namespace music::suno
