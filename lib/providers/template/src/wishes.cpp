#include "wishes.hpp"

#include "moods.hpp"

#include <music/base/text.hpp>

#include <charconv>
#include <optional>
#include <string>

namespace music::templates {
namespace {

constexpr int votes_of_a_name = 8;
constexpr int votes_of_a_scene = 1;

bool ascii_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Chinese, Japanese and Korean put no blanks between words; their characters begin with bytes from E3 on.
bool unspaced(std::string_view word) { return static_cast<unsigned char>(word.front()) >= 0xe3; }

bool inside_a_word(char neighbour) { return ascii_word_byte(neighbour) || static_cast<unsigned char>(neighbour) >= 0x80; }

/// Whether `word` stands in the lower-case text as a whole word, or anywhere if its script has no blanks.
bool contains_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !inside_a_word(text[at - 1]);
    const bool ends = end == text.size() || !inside_a_word(text[end]);
    if (unspaced(word) || (begins && ends)) return true;
  }
  return false;
}

int count_words(std::string_view text, std::string_view list) {
  int found = 0;
  for_each_part(list, [&](std::string_view word) { found += contains_word(text, word) ? 1 : 0; });
  return found;
}

/// What is written for a theme without known words should be what the embedded composer then plays.
const song_style& by_luck(std::uint64_t luck) {
  const auto all = song_styles();
  std::size_t own = 0;
  while (own < all.size() && all[own].played_as == all[own].id) ++own;
  return all[luck % own];
}

const song_style& choose_style(const std::string& style, const std::string& words, random_source& random) {
  const auto luck = random.next();  // drawn in any case, so that later draws do not depend on the words
  if (const auto* named = find_song_style(style)) return *named;
  const song_style* best = nullptr;
  int most = 0;
  for (const auto& candidate : song_styles()) {
    const int votes =
        votes_of_a_name * count_words(words, candidate.names) + votes_of_a_scene * count_words(words, candidate.scenes);
    if (votes > most) {
      most = votes;
      best = &candidate;
    }
  }
  return best != nullptr ? *best : by_luck(luck);
}

std::string_view choose_mood(const song_style& style, const std::string& words, random_source& random) {
  const auto usual = pick(style.moods, random);
  for (const auto& entry : moods()) {
    if (count_words(words, entry.words) > 0) return entry.mood;
  }
  return usual;
}

/// "92 bpm" or "92bpm" in the request.
std::optional<int> bpm_asked_for(const std::string& words) {
  const auto unit = words.find("bpm");
  if (unit == std::string::npos) return std::nullopt;
  const auto number = trim(std::string_view{words}.substr(0, unit));
  auto start = number.size();
  while (start > 0 && number.size() - start < 3 && number[start - 1] >= '0' && number[start - 1] <= '9') --start;
  int bpm = 0;
  std::from_chars(number.data() + start, number.data() + number.size(), bpm);
  if (bpm < slowest_bpm || bpm > fastest_bpm) return std::nullopt;
  return bpm;
}

int choose_bpm(const song_style& style, const std::string& words, random_source& random) {
  const auto span = static_cast<std::uint64_t>(style.highest_bpm - style.lowest_bpm + 1);
  const int usual = style.lowest_bpm + static_cast<int>(random.next() % span);
  if (const auto asked = bpm_asked_for(words)) return *asked;
  if (count_words(words, "slow|slowly|lento|langsam|медленно") > 0) return style.lowest_bpm;
  if (count_words(words, "fast|upbeat|quick|rapido|schnell|быстро") > 0) return style.highest_bpm;
  return usual;
}

}  // namespace

std::string_view pick(std::string_view list, random_source& random) {
  std::size_t parts = 0;
  for_each_part(list, [&](std::string_view) { ++parts; });
  auto chosen = random.next() % parts;
  std::string_view found;
  for_each_part(list, [&](std::string_view part) {
    if (chosen-- == 0) found = part;
  });
  return found;
}

wishes read_wishes(const prompt_request& request, random_source& random) {
  const auto words = to_lower_ascii(request.theme + " | " + request.tags + " | " + request.style);
  wishes found;
  found.style = &choose_style(request.style, words, random);
  found.mood = choose_mood(*found.style, words, random);
  found.bpm = choose_bpm(*found.style, words, random);
  const auto key = pick(found.style->keys, random);
  if (count_words(words, "major|minor|dur|moll") == 0) found.key = key;
  return found;
}

}  // namespace music::templates
