#include "genres.hpp"

#include <music/base/hash.hpp>
#include <music/base/random.hpp>
#include <music/base/text.hpp>
#include <music/providers/template/template_writer.hpp>

#include <array>
#include <charconv>
#include <optional>

namespace music {
namespace {

using templates::genre;

constexpr std::string_view template_model = "template-1";
constexpr std::size_t longest_echo = 100;  ///< code points of the theme, or of the tags, that the prompt repeats
constexpr std::size_t longest_text = 600;
constexpr int votes_of_a_name = 8;
constexpr int votes_of_a_scene = 1;
constexpr int slowest_bpm = 40;
constexpr int fastest_bpm = 220;

constexpr std::string_view structures =
    "A short intro sets the scene, two verses build towards a memorable chorus, and the ending fades gently|"
    "It opens sparsely, adds a layer with every section, peaks in a full chorus and ends on a held chord|"
    "Intro, verse, chorus, a contrasting bridge and a bigger last chorus, then a calm outro|"
    "A clear theme is stated, varied, broken down to almost nothing, and returns in full before the close|"
    "A quiet beginning, a steady rise to the middle, a breakdown, and a final chorus with everything in";

constexpr std::string_view voices = "a warm, intimate voice|an airy, expressive voice|a clear and confident voice|a soft, close voice with light harmonies";

// --- choosing -----------------------------------------------------------------------------------------------------------

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

const genre& choose_genre(const std::string& style, const std::string& words, random_source& random) {
  const auto all = templates::genres();
  const auto fallback = random.next() % all.size();  // drawn in any case, so that later draws do not depend on the words
  const genre* best = nullptr;
  int most = 0;
  for (const auto& candidate : all) {
    if (candidate.id == style) return candidate;
    const int votes = votes_of_a_name * count_words(words, candidate.names) + votes_of_a_scene * count_words(words, candidate.scenes);
    if (votes > most) {
      most = votes;
      best = &candidate;
    }
  }
  return best != nullptr ? *best : all[fallback];
}

std::string_view choose_mood(const genre& chosen, const std::string& words, random_source& random) {
  const auto usual = pick(chosen.moods, random);
  for (const auto& entry : templates::moods()) {
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

int choose_bpm(const genre& chosen, const std::string& words, random_source& random) {
  const auto span = static_cast<std::uint64_t>(chosen.highest_bpm - chosen.lowest_bpm + 1);
  const int usual = chosen.lowest_bpm + static_cast<int>(random.next() % span);
  if (const auto asked = bpm_asked_for(words)) return *asked;
  if (count_words(words, "slow|slowly|lento|langsam|медленно") > 0) return chosen.lowest_bpm;
  if (count_words(words, "fast|upbeat|quick|rapido|schnell|быстро") > 0) return chosen.highest_bpm;
  return usual;
}

// --- writing ------------------------------------------------------------------------------------------------------------

/// The beginning of the text, at a word where there is one. Joiners go: an emoji that was cut in two would leave one
/// behind, and a prompt may not hold it.
std::string echo(std::string_view text) {
  constexpr std::string_view joiner = "\xE2\x80\x8D";
  std::string_view part = first_code_points(text, longest_echo);
  if (part.size() < text.size()) {
    const auto blank = part.rfind(' ');
    if (blank != std::string_view::npos && blank > part.size() / 2) part = part.substr(0, blank);
  }
  std::string kept{trim(part)};
  for (auto at = kept.find(joiner); at != std::string::npos; at = kept.find(joiner)) kept.erase(at, joiner.size());
  return kept;
}

std::string capitalised(std::string_view text) {
  std::string sentence{text};
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  return sentence;
}

std::string voice_sentence(const prompt_request& request, random_source& random) {
  const auto voice = pick(voices, random);
  if (!request.instrumental) return {};
  if (*request.instrumental) return " Instrumental, no vocals.";
  return " Sung by " + std::string{voice} + ".";
}

std::uint64_t seed_of(const prompt_request& request) {
  const auto digest = sha256_of(request.theme + '\n' + request.tags + '\n' + request.style);
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < sizeof seed; ++i) seed = seed << 8 | digest[i];
  return seed;
}

/// The sentences that every prompt has: what, how fast, in which key, who plays.
std::string opening(const prompt_request& request, const genre& chosen, const std::string& words, random_source& random) {
  const auto mood = choose_mood(chosen, words, random);
  const int bpm = choose_bpm(chosen, words, random);
  const auto key = pick(chosen.keys, random);
  const bool says_key = count_words(words, "major|minor|dur|moll") > 0;
  std::string text = capitalised(mood) + " " + std::string{chosen.phrase} + " inspired by \"" + echo(request.theme) + "\", " +
                     std::to_string(bpm) + " BPM";
  if (!says_key) text += " in " + std::string{key};
  text += ". " + capitalised(pick(chosen.leads, random)) + " carries the melody over " + std::string{pick(chosen.beds, random)};
  return text + ", with " + std::string{pick(chosen.rhythms, random)} + ".";
}

std::size_t length_of(std::string_view text) { return count_code_points(text).value_or(0); }

std::string compose_text(const prompt_request& request) {
  seeded_random random{seed_of(request)};
  const auto words = to_lower_ascii(request.theme + " | " + request.tags + " | " + request.style);
  const auto& chosen = choose_genre(request.style, words, random);
  auto text = opening(request, chosen, words, random);
  auto wishes = voice_sentence(request, random);
  if (const auto hints = echo(request.tags); !hints.empty()) wishes += " Style hints: " + hints + ".";
  for (const auto list : {structures, chosen.productions}) {  // what does not fit beside the caller's own words stays out
    const auto sentence = " " + std::string{pick(list, random)} + ".";
    if (length_of(text) + length_of(sentence) + length_of(wishes) <= longest_text) text += sentence;
  }
  return text + wishes;
}

class template_writer final : public prompt_writer {
 public:
  std::string_view api_name() const noexcept override { return "Template"; }

  task<result<written_prompt>> write(prompt_request request, time_point) override {
    written_prompt written;
    written.text = compose_text(request);
    written.model = template_model;
    co_return written;
  }
};

}  // namespace

std::unique_ptr<prompt_writer> create_template_writer() { return std::make_unique<template_writer>(); }

}  // namespace music
