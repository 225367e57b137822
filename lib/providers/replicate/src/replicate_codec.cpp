#include "replicate_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>

namespace music::replicate {
namespace {

using upstream::json::object;
using upstream::json::value;

constexpr std::size_t longest_prompt = 2000;
constexpr std::size_t most_tracks = 4;

void append_seconds(json_writer& out, const song_request& request, family kind) {
  if (request.duration_seconds) out.field("duration", std::lround(std::min(*request.duration_seconds, longest_duration(kind))));
}

void append_input(json_writer& out, const song_request& request, family kind) {
  const auto prompt = upstream::whole_prompt(request, longest_prompt);
  const bool sung = upstream::wants_voice(request) && !request.lyrics.empty();
  out.field(kind == family::ace_step ? "tags" : "prompt", prompt);
  switch (kind) {
    case family::stable_audio:
      append_seconds(out, request, kind);
      if (request.seed) out.field("seed", *request.seed);
      break;
    case family::musicgen:
      append_seconds(out, request, kind);
      if (request.seed) out.field("seed", *request.seed);
      out.field("output_format", request.format == audio_format::wav ? "wav" : "mp3");
      break;
    case family::minimax:
      if (sung) out.field("lyrics", request.lyrics);
      break;
    case family::lyria:
      if (!request.negative_tags.empty()) out.field("negative_prompt", request.negative_tags);
      if (request.seed) out.field("seed", *request.seed);
      break;
    case family::ace_step:
      out.field("lyrics", sung ? std::string_view{request.lyrics} : "[instrumental]");
      append_seconds(out, request, kind);
      if (request.seed) out.field("seed", *request.seed);
      break;
    case family::other: break;
  }
}

/// "owner/name" names a model, "owner/name:version" one of its versions.
std::string path_for(const std::string& model) {
  if (model.find(':') != std::string::npos) return "/v1/predictions";
  return "/v1/models/" + model + "/predictions";
}

void add_link(std::vector<std::string>& links, const value& candidate) {
  if (!candidate.is_string() || links.size() >= most_tracks) return;
  const std::string_view text{candidate.get_string().data(), candidate.get_string().size()};
  if (text.starts_with("https://") && text.size() <= upstream::longest_audio_url) links.emplace_back(text);
}

/// A model's output is an address, a list of them, or an object that has them among its members.
std::vector<std::string> links_in(const object& body) {
  std::vector<std::string> links;
  const auto* output = body.if_contains("output");
  if (output == nullptr) return links;
  add_link(links, *output);
  if (const auto* list = output->if_array()) {
    for (const auto& each : *list) add_link(links, each);
  }
  if (const auto* members = output->if_object()) {
    for (const auto& each : *members) add_link(links, each.value());
  }
  return links;
}

/// Distinct, so that each file's link can be renewed: the first has the song's own id.
std::string id_of_track(std::string_view song_id, std::size_t index) {
  return index == 0 ? std::string{song_id} : std::string{song_id} + ':' + std::to_string(index);
}

result<song_status> finished(const object& body, std::string_view song_id) {
  if (const auto* removed = body.if_contains("data_removed"); removed != nullptr && removed->is_bool() && removed->get_bool()) {
    return error{errc::song_unknown, "its data was removed"};
  }
  song_status status;
  status.state = song_state::complete;
  for (auto& link : links_in(body)) {
    remote_track track;
    track.song_id = id_of_track(song_id, status.tracks.size());
    track.source = std::move(link);
    track.created_at = upstream::one_line(upstream::text_of(body, "completed_at").value_or(""), upstream::longest_remote_time);
    status.tracks.push_back(std::move(track));
  }
  if (status.tracks.empty()) return error{errc::invalid_response, "succeeded without an address"};
  return status;
}

}  // namespace

family family_of(std::string_view model) noexcept {
  const auto names = [model](std::string_view word) { return model.find(word) != std::string_view::npos; };
  if (names("stable-audio")) return family::stable_audio;
  if (names("musicgen")) return family::musicgen;
  if (names("minimax/music")) return family::minimax;
  if (names("lyria")) return family::lyria;
  if (names("ace-step")) return family::ace_step;
  return family::other;
}

double longest_duration(family kind) noexcept {
  switch (kind) {
    case family::stable_audio: return 190;
    case family::ace_step: return 240;
    case family::musicgen:
    case family::minimax:
    case family::lyria:
    case family::other: return longest_song;
  }
  return longest_song;
}

upstream::wire_request codec::encode_submission(const song_request& request) const {
  upstream::wire_request call{.method = net::http_method::post, .path = path_for(model_), .body = {}};
  json_writer out{call.body};
  out.begin_object();
  if (model_.find(':') != std::string::npos) out.field("version", model_);
  out.key("input").begin_object();
  append_input(out, request, family_);
  out.end_object().end_object();
  return call;
}

submission codec::decode_submission(const net::http_response& response, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::turned_down(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return upstream::failed(submission_fate::unknown, body.error());
  const auto id = upstream::text_of(*body, "id").value_or("");
  if (!upstream::valid_song_id(id))
    return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "2xx without a usable id"});
  return upstream::accepted(std::string{id});
}

result<upstream::wire_request> codec::encode_poll(std::string_view song_id) const {
  return upstream::wire_request{
      .method = net::http_method::get, .path = "/v1/predictions/" + net::encode_segment(song_id), .body = {}};
}

result<song_status> codec::decode_poll(const net::http_response& response, std::string_view song_id, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::failure_about_song(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return body.error();
  const auto word = upstream::text_of(*body, "status");
  if (!word) return error{errc::invalid_response, "no status"};
  if (*word == "succeeded") return finished(*body, song_id);
  song_status status;
  // "aborted": its deadline passed before it began. Their own Python client waits for ever on it.
  if (*word == "failed" || *word == "canceled" || *word == "aborted") {
    status.state = song_state::failed;
    status.failure = upstream::song_failure(upstream::read_complaint(*body));
  }
  return status;
}

}  // namespace music::replicate
