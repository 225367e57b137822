#include "fal_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <algorithm>

namespace music::fal {
namespace {

using upstream::json::object;

constexpr std::size_t longest_prompt = 2000;
constexpr std::string_view requests_segment = "/requests/";

void append_minimax(json_writer& out, const song_request& request) {
  if (!upstream::wants_voice(request)) out.field("is_instrumental", true);
  else if (request.lyrics.empty()) out.field("lyrics_optimizer", true);
  else out.field("lyrics", upstream::cut_at_line(request.lyrics, most_lyrics(family::minimax)));
}

void append_ace_step(json_writer& out, const song_request& request) {
  out.field("tags", upstream::whole_prompt(request, longest_prompt));
  out.field("lyrics", upstream::wants_voice(request) && !request.lyrics.empty() ? request.lyrics : "[inst]");
  if (request.duration_seconds) out.field("duration", *request.duration_seconds);
  if (request.seed) out.field("seed", *request.seed);
}

void append_input(json_writer& out, const song_request& request, family kind) {
  if (kind == family::ace_step) return append_ace_step(out, request);
  out.field("prompt", upstream::whole_prompt(request, longest_prompt));
  switch (kind) {
    case family::elevenlabs:
      if (request.duration_seconds) out.field("music_length_ms", static_cast<std::int64_t>(*request.duration_seconds * 1000));
      if (!upstream::wants_voice(request)) out.field("force_instrumental", true);
      break;
    case family::minimax: append_minimax(out, request); break;
    case family::stable_audio:
      if (request.duration_seconds) out.field("seconds_total", static_cast<std::int64_t>(*request.duration_seconds));
      if (request.seed) out.field("seed", *request.seed);
      break;
    case family::lyria:
      if (!request.negative_tags.empty()) out.field("negative_prompt", request.negative_tags);
      if (request.seed) out.field("seed", *request.seed);
      break;
    case family::ace_step:
    case family::other: break;
  }
}

/// The application in a returned address: "fal-ai/elevenlabs" in "https://queue.fal.run/fal-ai/elevenlabs/requests/x". Only
/// its path counts: where requests go is ours to say. Without one it is the first two segments of the model's path.
std::string application_in(std::string_view address, std::string_view model) {
  const auto requests = address.find(requests_segment);
  const auto authority = address.find("://");
  if (requests != std::string_view::npos && authority != std::string_view::npos) {
    const auto path = address.find('/', authority + 3);
    if (path < requests) return std::string{address.substr(path + 1, requests - path - 1)};
  }
  const auto first = model.find('/');
  const auto second = first == std::string_view::npos ? first : model.find('/', first + 1);
  return std::string{model.substr(0, second)};
}

/// Whether each of its parts may stand between the slashes of a path.
bool usable(std::string_view song_id) {
  for (auto rest = song_id;;) {
    const auto colon = rest.find(':');
    if (!upstream::valid_song_id(rest.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return upstream::valid_song_id(song_id);
    rest.remove_prefix(colon + 1);
  }
}

/// "/fal-ai/elevenlabs/requests/<id>"; empty for an id that is none of ours.
std::string request_path(std::string_view song_id) {
  const auto colon = song_id.rfind(':');
  if (colon == std::string_view::npos || !usable(song_id)) return {};
  std::string application{song_id.substr(0, colon)};
  std::replace(application.begin(), application.end(), ':', '/');
  return '/' + application + std::string{requests_segment} + net::encode_segment(song_id.substr(colon + 1));
}

/// Models call their file differently: {"audio":{"url"}}, {"audio_file":{"url"}}, {"audio_url":"…"}.
std::string link_in(const object& result) {
  for (const auto* member : {"audio", "audio_file", "audio_url"}) {
    const auto* file = upstream::object_of(result, member);
    const auto link = file == nullptr ? upstream::text_of(result, member) : upstream::text_of(*file, "url");
    if (link && link->size() <= upstream::longest_audio_url) return std::string{*link};
  }
  return {};
}

/// Whether the answer is the model's own failure, which ends the song. Everything else was said by what stands before the model,
/// and says nothing about the song.
bool told_by_model(const net::http_response& response) {
  const int status = response.status;
  const bool took_too_long = status == 504 && response.header("x-fal-request-timeout-type") == "user";
  return (status == 400 || status == 422 || status == 500 || took_too_long) && upstream::read_object(response).has_value();
}

song_status failed_song(error why) {
  song_status status;
  status.state = song_state::failed;
  status.failure = std::move(why);
  return status;
}

}  // namespace

family family_of(std::string_view model) noexcept {
  const auto names = [model](std::string_view word) { return model.find(word) != std::string_view::npos; };
  if (names("elevenlabs/music")) return family::elevenlabs;
  if (names("minimax-music") || names("minimax/music")) return family::minimax;
  if (names("stable-audio")) return family::stable_audio;
  if (names("ace-step")) return family::ace_step;
  if (names("lyria")) return family::lyria;
  return family::other;
}

upstream::wire_request codec::encode_submission(const song_request& request) const {
  upstream::wire_request call{.method = net::http_method::post, .path = '/' + model_, .body = {}};
  json_writer out{call.body};
  out.begin_object();
  append_input(out, request, family_);
  out.end_object();
  return call;
}

submission codec::decode_submission(const net::http_response& response, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::turned_down(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return upstream::failed(submission_fate::unknown, body.error());
  const auto request_id = upstream::text_of(*body, "request_id").value_or("");
  auto song_id = application_in(upstream::text_of(*body, "response_url").value_or(""), model_);
  std::replace(song_id.begin(), song_id.end(), '/', ':');
  song_id += ':' + std::string{request_id};
  if (!usable(song_id))
    return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "2xx without a usable request_id"});
  return upstream::accepted(std::move(song_id));
}

result<upstream::wire_request> codec::encode_poll(std::string_view song_id) const {
  auto path = request_path(song_id);
  if (path.empty()) return error{errc::song_unknown, "not an id of fal's"};
  return upstream::wire_request{.method = net::http_method::get, .path = std::move(path) + "/status", .body = {}};
}

result<song_status> codec::decode_poll(const net::http_response& response, std::string_view, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::failure_about_song(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return body.error();
  const auto word = upstream::text_of(*body, "status");
  if (!word) return error{errc::invalid_response, "no status"};
  song_status status;
  if (*word == "COMPLETED") status.state = song_state::complete;  // which is only to say that it has ended
  return status;
}

std::optional<upstream::wire_request> codec::encode_result(std::string_view song_id) const {
  return upstream::wire_request{.method = net::http_method::get, .path = request_path(song_id), .body = {}};
}

result<song_status> codec::decode_result(const net::http_response& response, std::string_view song_id, wall_time now) const {
  if (told_by_model(response)) return failed_song(upstream::song_failure(upstream::read_complaint(response)));
  if (!upstream::succeeded(response)) return upstream::failure_about_song(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return body.error();
  remote_track track;
  track.song_id = song_id;
  track.source = link_in(*body);
  if (track.source.empty()) return error{errc::invalid_response, "a result without a link"};
  song_status status;
  status.state = song_state::complete;
  status.tracks.push_back(std::move(track));
  return status;
}

}  // namespace music::fal
