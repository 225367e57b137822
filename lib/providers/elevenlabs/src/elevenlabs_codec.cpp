#include "elevenlabs_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <algorithm>
#include <cmath>

namespace music::elevenlabs {
namespace {

using std::chrono::milliseconds;
using upstream::lyric_section;

constexpr std::size_t most_parts = 30;
constexpr std::size_t most_styles = 50;
constexpr std::size_t most_lines = 30;
constexpr std::size_t longest_line = 200;
constexpr std::size_t longest_name = 100;
constexpr std::int64_t shortest_part_ms = 3'000;
constexpr std::int64_t longest_part_ms = 120'000;
constexpr double usual_seconds = 120;

bool first_generation(std::string_view model) { return model.starts_with("music_v1"); }

std::string output_format(const song_request& request) {
  if (!request.quality || *request.quality == audio_quality::standard) return {};
  return *request.quality == audio_quality::high ? "?output_format=mp3_44100_192" : "?output_format=mp3_44100_64";
}

bool needs_plan(const song_request& request) {
  return (!request.lyrics.empty() && upstream::wants_voice(request)) || request.seed || !request.negative_tags.empty();
}

/// What is to be heard in which part, each with 30 lines at most.
std::vector<lyric_section> parts_of(const song_request& request, double seconds) {
  std::vector<lyric_section> parts;
  if (upstream::wants_voice(request)) {
    for (auto& section : upstream::sections_of(request.lyrics, most_parts)) {
      while (section.lines.size() > most_lines) {
        parts.push_back({section.name, {section.lines.begin(), section.lines.begin() + most_lines}});
        section.lines.erase(section.lines.begin(), section.lines.begin() + most_lines);
      }
      parts.push_back(std::move(section));
    }
  }
  const auto least = static_cast<std::size_t>(std::ceil(seconds * 1000 / static_cast<double>(longest_part_ms)));
  while (parts.size() < least) parts.push_back({upstream::wants_voice(request) && parts.empty() ? "Verse" : "Instrumental", {}});
  if (parts.size() > most_parts) parts.resize(most_parts);
  return parts;
}

void append_list(json_writer& out, std::string_view field, const std::vector<std::string>& words) {
  out.key(field).begin_array();
  for (const auto& word : words) out.value(word);
  out.end_array();
}

std::vector<std::string> wanted_styles(const song_request& request) {
  auto styles = upstream::list_of(upstream::style_words(request), most_styles - 1);
  styles.insert(styles.begin(), request.prompt);
  return styles;
}

/// `music_v1`: styles of the whole, sections with lines.
void append_sections(json_writer& out, const song_request& request, const std::vector<lyric_section>& parts,
                     std::int64_t part_ms) {
  append_list(out, "positive_global_styles", wanted_styles(request));
  append_list(out, "negative_global_styles", upstream::list_of(request.negative_tags, most_styles));
  out.key("sections").begin_array();
  for (const auto& part : parts) {
    out.begin_object().field("section_name", first_code_points(part.name, longest_name));
    append_list(out, "positive_local_styles", {});
    append_list(out, "negative_local_styles", {});
    out.field("duration_ms", part_ms).key("lines").begin_array();
    for (const auto& line : part.lines) out.value(first_code_points(line, longest_line));
    out.end_array().end_object();
  }
  out.end_array();
}

/// `music_v2` and later: chunks, each with its text and styles.
void append_chunks(json_writer& out, const song_request& request, const std::vector<lyric_section>& parts, std::int64_t part_ms) {
  out.key("chunks").begin_array();
  for (const auto& part : parts) {
    std::string text = "[" + part.name + "]";
    for (const auto& line : part.lines) text += "\n" + line;
    out.begin_object().field("text", text).field("duration_ms", part_ms);
    append_list(out, "positive_styles", wanted_styles(request));
    append_list(out, "negative_styles", upstream::list_of(request.negative_tags, most_styles));
    out.end_object();
  }
  out.end_array();
}

void append_plan(json_writer& out, const song_request& request, std::string_view model) {
  const double seconds = request.duration_seconds.value_or(usual_seconds);
  const auto parts = parts_of(request, seconds);
  const auto share = static_cast<std::int64_t>(seconds * 1000) / static_cast<std::int64_t>(parts.size());
  const auto part_ms = std::clamp(share, shortest_part_ms, longest_part_ms);
  out.key("composition_plan").begin_object();
  if (first_generation(model)) append_sections(out, request, parts, part_ms);
  else append_chunks(out, request, parts, part_ms);
  out.end_object();
  if (request.seed) out.field("seed", *request.seed);
}

void append_prompt(json_writer& out, const song_request& request) {
  out.field("prompt", upstream::whole_prompt(request, longest_prompt));
  if (request.duration_seconds) out.field("music_length_ms", static_cast<std::int64_t>(*request.duration_seconds * 1000));
  if (!upstream::wants_voice(request)) out.field("force_instrumental", true);
}

/// Their own word for what went wrong: `{"detail":{"status":"quota_exceeded",…}}`.
std::string status_word(const net::http_response& response) {
  const auto body = upstream::read_object(response);
  if (!body) return {};
  const auto* detail = upstream::object_of(*body, "detail");
  return detail == nullptr ? std::string{} : std::string{upstream::text_of(*detail, "status").value_or("")};
}

error failure_in(const net::http_response& response, wall_time now) {
  const auto word = status_word(response);
  const std::string detail = "status " + std::to_string(response.status);
  if (word == "quota_exceeded") return error{errc::quota_exhausted, detail};
  if (word == "bad_prompt" || word == "bad_composition_plan") return error{errc::content_rejected, detail};
  return upstream::failure_for(response, now);
}

}  // namespace

upstream::wire_request codec::encode(const song_request& request) const {
  const auto& model = request.model.empty() ? model_ : request.model;
  upstream::wire_request call{.method = net::http_method::post, .path = "/v1/music" + output_format(request), .body = {}};
  call.headers = {{"Accept", "audio/*"}};
  json_writer out{call.body};
  out.begin_object();
  if (needs_plan(request)) append_plan(out, request, model);
  else append_prompt(out, request);
  out.field("model_id", model).end_object();
  return call;
}

upstream::direct_answer codec::decode(net::http_response& response, const song_request& request, wall_time now) const {
  if (!upstream::succeeded(response)) {
    return upstream::failed(upstream::fate_for(response.status), failure_in(response, now));
  }
  return upstream::song_from(std::move(response.body), request.title, 0);
}

}  // namespace music::elevenlabs
