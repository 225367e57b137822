#include "song_draft.hpp"

#include "json_mending.hpp"
#include "model_text.hpp"
#include "text_repair.hpp"

#include <music/base/text.hpp>
#include <music/core/rules.hpp>
#include <music/providers/upstream/answer.hpp>

#include <boost/json/parse.hpp>

#include <charconv>

namespace music::openai {
namespace {

namespace json = boost::json;

constexpr std::size_t deepest_draft = 8;
constexpr std::size_t longest_key = 30;
constexpr std::string_view vocals = "vocals";

constexpr std::string_view not_an_object =
    "Your answer was not one whole JSON object. Answer again with the whole JSON object and nothing else.";
constexpr std::string_view cut_short =
    "Your answer was cut off before it was complete. Answer again with the whole JSON object and much shorter lyrics.";
constexpr std::string_view bad_description =
    "The member \"description\" must be a text of 10 to 2000 characters without control characters. Answer again with the whole "
    "JSON object.";

/// An object, and whether its last member may be incomplete.
struct draft {
  json::object members;
  bool cut = false;
};

std::optional<draft> parse_draft(std::string_view text) {
  auto mended = mend_json(text);
  json::parse_options lenient;
  lenient.max_depth = deepest_draft;
  lenient.allow_trailing_commas = true;
  boost::system::error_code ec;
  auto document = json::parse(mended.text, ec, {}, lenient);
  if (ec || !document.is_object()) return std::nullopt;
  return draft{std::move(document.get_object()), mended.cut};
}

bool looks_like_a_song(const json::object& members) { return members.contains("description") || members.contains("lyrics"); }

/// Strings as they are; a list of strings with `between` between them; nothing for all else.
std::string text_member(const json::object& from, std::string_view name, std::string_view between) {
  if (const auto text = upstream::text_of(from, name)) return std::string{*text};
  const auto* member = from.if_contains(name);
  std::string joined;
  if (member == nullptr || !member->is_array()) return joined;
  for (const auto& part : member->get_array()) {
    if (!part.is_string()) continue;
    if (!joined.empty()) joined += between;
    joined += part.get_string().c_str();
  }
  return joined;
}

/// A number, or a text that begins with one, like "92 BPM".
std::optional<int> bpm_of(const json::object& from) {
  int bpm = 0;
  if (const auto number = upstream::natural_of(from, "bpm"); number && *number <= fastest_bpm) bpm = static_cast<int>(*number);
  const auto text = upstream::text_of(from, "bpm").value_or("");
  std::from_chars(text.data(), text.data() + text.size(), bpm);
  if (bpm < slowest_bpm || bpm > fastest_bpm) return std::nullopt;
  return bpm;
}

/// "A minor", "F# major", "Bb": a note at least.
std::string key_of(const json::object& from) {
  auto key = repair_line(upstream::text_of(from, "key").value_or(""), longest_key);
  const bool names_a_note = !key.empty() && key[0] >= 'A' && key[0] <= 'G';
  return names_a_note ? key : std::string{};
}

/// Music services without fields for tempo and key read them among the tags.
void append_facts(song_plan& plan) {
  const auto lower = to_lower_ascii(plan.tags);
  const auto add = [&](const std::string& fact) {
    if (!plan.tags.empty()) plan.tags = repair_tags(plan.tags + ", " + fact, longest_tags);
  };
  if (plan.bpm && lower.find("bpm") == std::string::npos) add(std::to_string(*plan.bpm) + " BPM");
  if (!plan.key.empty() && lower.find(to_lower_ascii(plan.key)) == std::string::npos) add(plan.key);
}

song_plan plan_from(const draft& song, bool lyrics_cut, const prompt_request& request) {
  const auto& members = song.members;
  song_plan plan;
  plan.title = repair_line(text_member(members, "title", " "), longest_title);
  plan.tags = repair_tags(text_member(members, "tags", ", "), longest_tags);
  plan.negative_tags = repair_tags(text_member(members, "negative_tags", ", "), longest_tags);
  if (const auto* flag = members.if_contains("instrumental"); flag != nullptr && flag->is_bool())
    plan.instrumental = flag->get_bool();
  plan.bpm = bpm_of(members);
  plan.key = key_of(members);
  append_facts(plan);
  const bool nobody_sings = request.instrumental.value_or(plan.instrumental.value_or(false));
  if (!nobody_sings && request.lyrics.empty()) {
    plan.lyrics = repair_lyrics(text_member(members, "lyrics", "\n"), longest_lyrics, lyrics_cut);
  }
  if (request.instrumental || !request.lyrics.empty()) plan.instrumental.reset();
  if (nobody_sings && plan.negative_tags.empty()) plan.negative_tags = vocals;
  return plan;
}

/// Of a draft that was cut off only lyrics can be used in part.
bool drop_incomplete_member(draft& song) {
  if (!song.cut || song.members.empty()) return false;
  const auto last = std::prev(song.members.end());
  if (last->key() == "lyrics") return true;
  const std::string name{last->key()};
  song.members.erase(name);
  return false;
}

result<written_prompt> song_from(draft song, const prompt_request& request) {
  const bool lyrics_cut = drop_incomplete_member(song);
  auto text = prompt_from(text_member(song.members, "description", " "), false);
  if (!text) return error{errc::invalid_response, std::string{song.cut ? cut_short : bad_description}};
  written_prompt written;
  written.text = std::move(*text);
  written.plan = plan_from(song, lyrics_cut, request);
  return written;
}

/// The object inside of prose: "Here is your song: {…}".
std::optional<draft> embedded_draft(std::string_view text) {
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return std::nullopt;
  auto found = parse_draft(text.substr(begin));
  return found && looks_like_a_song(found->members) ? std::move(found) : std::nullopt;
}

}  // namespace

result<written_prompt> read_song(const completion& answer, const prompt_request& request) {
  if (!valid_utf8(answer.content)) return error{errc::invalid_response, std::string{not_an_object}};
  auto text = without_thoughts(answer.content);
  if (!text.starts_with('{')) {
    if (auto embedded = embedded_draft(text)) return song_from(std::move(*embedded), request);
    const auto inside = without_fence(text);
    if (!inside.starts_with('{')) {
      auto prose = prompt_from(text, answer.cut_off);
      if (!prose) return error{errc::invalid_response, std::string{answer.cut_off ? cut_short : not_an_object}};
      written_prompt written;
      written.text = std::move(*prose);
      return written;
    }
    text = inside;
  }
  auto song = parse_draft(text);
  if (!song) return error{errc::invalid_response, std::string{answer.cut_off ? cut_short : not_an_object}};
  return song_from(std::move(*song), request);
}

}  // namespace music::openai
