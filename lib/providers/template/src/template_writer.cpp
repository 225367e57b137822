#include "wishes.hpp"

#include <music/base/hash.hpp>
#include <music/base/text.hpp>
#include <music/core/rules.hpp>
#include <music/providers/template/template_writer.hpp>

#include <array>
#include <utility>

namespace music {
namespace {

using templates::pick;
using templates::wishes;

constexpr std::size_t longest_echo = 100;  ///< code points of the theme, or of the tags, that the prompt repeats
constexpr std::size_t longest_text = 600;

constexpr std::string_view structures =
    "a short intro sets the scene, two verses build towards a memorable chorus, and the ending fades gently|"
    "it opens sparsely, adds a layer with every section, peaks in a full chorus and ends on a held chord|"
    "intro, verse, chorus, a contrasting bridge and a bigger last chorus, then a calm outro|"
    "a clear theme is stated, varied, broken down to almost nothing, and returns in full before the close|"
    "a quiet beginning, a steady rise to the middle, a breakdown, and a final chorus with everything in";

constexpr std::string_view voices =
    "a warm, intimate voice|an airy, expressive voice|a clear and confident voice|a soft, close voice with light harmonies";

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

std::size_t length_of(std::string_view text) { return count_code_points(text).value_or(0); }

// --- the template -------------------------------------------------------------------------------------------------------

using slot = std::pair<std::string_view, std::string>;

/// Puts the values into the slots in one pass: a value is never read as a template. At a sentence's beginning a value begins
/// with a capital.
std::string fill(std::string_view text, const std::array<slot, 6>& values) {
  std::string filled;
  while (!text.empty()) {
    const auto open = std::min(text.find('{'), text.size());
    filled += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const auto close = text.find('}');
    const auto name = text.substr(1, close - 1);
    const bool first = filled.empty() || filled.ends_with(". ");
    for (const auto& [key, value] : values) {
      if (key == name) filled += first ? capitalised(value) : value;
    }
    text.remove_prefix(close + 1);
  }
  return filled;
}

/// The part of the template before its two sentences that may be left out.
std::string_view obligatory(std::string_view prompt_template) {
  return prompt_template.substr(0, prompt_template.find(" {structure}"));
}

std::string tempo_of(const wishes& chosen) {
  const auto bpm = std::to_string(chosen.bpm) + " BPM";
  return chosen.key.empty() ? bpm : bpm + " in " + std::string{chosen.key};
}

std::string voice_sentence(const prompt_request& request, random_source& random) {
  const auto voice = pick(voices, random);
  if (!request.instrumental) return {};
  if (*request.instrumental) return " Instrumental, no vocals.";
  return " Sung by " + std::string{voice} + ".";
}

std::string compose_text(const prompt_request& request, const wishes& chosen, random_source& random) {
  const auto& style = *chosen.style;
  const std::array<slot, 6> values{slot{"theme", echo(request.theme)},    slot{"mood", chosen.mood},
                                   slot{"tempo", tempo_of(chosen)},       slot{"lead", pick(style.leads, random)},
                                   slot{"bed", pick(style.beds, random)}, slot{"rhythm", pick(style.rhythms, random)}};
  auto text = fill(obligatory(style.prompt_template), values);
  auto wished = voice_sentence(request, random);
  if (const auto hints = echo(request.tags); !hints.empty()) wished += " Style hints: " + hints + ".";
  for (const auto list : {structures, style.productions}) {  // what does not fit beside the caller's own words stays out
    const auto sentence = " " + capitalised(pick(list, random)) + ".";
    if (length_of(text) + length_of(sentence) + length_of(wished) <= longest_text) text += sentence;
  }
  return text + wished;
}

// --- the plan -----------------------------------------------------------------------------------------------------------

song_plan plan_of(const prompt_request& request, const wishes& chosen) {
  song_plan plan;
  const auto add = [&](std::string_view word) {
    const auto more = (plan.tags.empty() ? "" : ", ") + std::string{word};
    if (length_of(plan.tags) + length_of(more) <= longest_tags) plan.tags += more;
  };
  for_each_part(chosen.style->tags, add);
  add(chosen.mood);
  add(std::to_string(chosen.bpm) + " BPM");
  if (!chosen.key.empty()) add(chosen.key);
  plan.bpm = chosen.bpm;
  plan.key = chosen.key;
  if (request.instrumental == true) plan.negative_tags = "vocals";
  return plan;
}

std::uint64_t seed_of(const prompt_request& request) {
  const auto digest = sha256_of(request.theme + '\n' + request.tags + '\n' + request.style);
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < sizeof seed; ++i) seed = seed << 8 | digest[i];
  return seed;
}

class template_writer final : public prompt_writer {
 public:
  std::string_view api_name() const noexcept override { return "Template"; }

  task<result<written_prompt>> write(prompt_request request, time_point) override {
    seeded_random random{seed_of(request)};
    const auto chosen = templates::read_wishes(request, random);
    written_prompt written;
    written.text = compose_text(request, chosen, random);
    written.model = template_model;
    written.plan = plan_of(request, chosen);
    co_return written;
  }
};

}  // namespace

std::unique_ptr<prompt_writer> create_template_writer() { return std::make_unique<template_writer>(); }

}  // namespace music
