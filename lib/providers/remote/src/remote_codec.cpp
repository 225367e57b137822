#include "remote_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/providers/upstream/answer.hpp>
#include <music/providers/upstream/outcome.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace music::remote {
namespace {

using upstream::json::object;

constexpr std::size_t most_tracks = 16;

std::string text_or_empty(const object& from, std::string_view member) {
  return std::string{upstream::text_of(from, member).value_or(std::string_view{})};
}

void field_unless_empty(json_writer& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

/// The other process has tried what may pass already; what it gives up on is told as it told it. A cancel and a deadline were its
/// own: here they would end the job as if they were this one's.
error failure_told(const object& from, errc otherwise) {
  const auto told = parse_errc(text_or_empty(from, "error_type")).value_or(otherwise);
  const bool interrupted = told == errc::canceled || told == errc::deadline_exceeded;
  return error{interrupted ? otherwise : told, "told by the remote skill"};
}

/// What the other process calls the track, if that tells it from those before it; else its place. Distinct, so that each
/// track's link can be renewed.
std::string id_of_track(const object& told, std::int64_t index, const std::string& song_id,
                        const std::vector<remote_track>& before) {
  auto id = text_or_empty(told, "song_id");
  const bool taken = std::ranges::find(before, id, &remote_track::song_id) != before.end();
  return upstream::valid_song_id(id) && !taken ? id : song_id + ':' + std::to_string(index);
}

/// A job's track as ours: what it is called comes from the answer, where it is does not.
std::optional<remote_track> track_of(const object& told, const object& metadata, const std::string& song_id, const net::url& base,
                                     const std::vector<remote_track>& before) {
  const auto index = upstream::natural_of(told, "index");
  if (!index || *index >= static_cast<std::int64_t>(most_tracks)) return std::nullopt;
  const auto where = net::join(base, "/jobs/" + song_id + "/tracks/" + std::to_string(*index) + "/audio");
  if (!where) return std::nullopt;
  remote_track track;
  track.song_id = id_of_track(told, *index, song_id, before);
  track.source = to_string(*where);
  track.title = upstream::one_line(text_or_empty(told, "title"), upstream::longest_remote_title);
  track.tags = upstream::one_line(text_or_empty(metadata, "tags"), upstream::longest_remote_tags);
  track.created_at = upstream::one_line(text_or_empty(metadata, "created_at"), upstream::longest_remote_time);
  track.duration_seconds = upstream::seconds_of(told, "duration");
  return track;
}

const object& member_or_empty(const object& from, std::string_view member) {
  static const object empty;
  const auto* const found = upstream::object_of(from, member);
  return found != nullptr ? *found : empty;
}

result<song_status> finished(const object& job, const object& step, const std::string& song_id, const net::url& base) {
  song_status status;
  status.state = song_state::complete;
  const auto* const tracks = job.if_contains("tracks");
  if (tracks == nullptr || !tracks->is_array()) return error{errc::invalid_response, "a finished job without tracks"};
  for (const auto& each : tracks->get_array()) {
    if (!each.is_object() || status.tracks.size() == most_tracks) continue;
    auto track = track_of(each.get_object(), member_or_empty(step, "metadata"), song_id, base, status.tracks);
    if (track) status.tracks.push_back(std::move(*track));
  }
  if (status.tracks.empty()) return error{errc::invalid_response, "a finished job without tracks"};
  return status;
}

}  // namespace

upstream::wire_request encode_prompt(const prompt_request& request) {
  upstream::wire_request wire{net::http_method::post, "/skills/chatgpt-prompt-generator", {}};
  json_writer json{wire.body};
  json.begin_object().field("theme", request.theme);
  field_unless_empty(json, "tags", request.tags);
  field_unless_empty(json, "style", request.style);
  if (request.instrumental) json.field("instrumental", *request.instrumental);
  json.end_object();
  return wire;
}

result<written_prompt> decode_prompt(const net::http_response& response, wall_time now) {
  if (!upstream::succeeded(response)) return upstream::failure_for(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return body.error();
  const auto status = text_or_empty(*body, "status");
  if (status == "error") return failure_told(*body, errc::api_error);
  if (status != "success") return error{errc::invalid_response, "a result without a status"};
  written_prompt written;
  written.text = text_or_empty(*body, "generated_prompt");
  written.model = upstream::one_line(text_or_empty(*body, "model"), upstream::longest_remote_title);
  written.tokens_used = upstream::natural_of(*body, "tokens_used").value_or(0);
  if (written.text.empty()) return error{errc::invalid_response, "a result without a prompt"};
  return written;
}

upstream::wire_request encode_submission(const song_request& request) {
  upstream::wire_request wire{net::http_method::post, "/skills/suno-music-generator", {}};
  wire.headers.push_back({"Idempotency-Key", request.job.text()});
  json_writer json{wire.body};
  json.begin_object().field("prompt", request.prompt);
  field_unless_empty(json, "theme", request.theme);
  field_unless_empty(json, "tags", request.tags);
  field_unless_empty(json, "title", request.title);
  field_unless_empty(json, "style", request.style);
  field_unless_empty(json, "model", request.model);
  field_unless_empty(json, "lyrics", request.lyrics);
  field_unless_empty(json, "negative_tags", request.negative_tags);
  if (request.instrumental) json.field("instrumental", *request.instrumental);
  if (request.duration_seconds) json.field("duration_seconds", *request.duration_seconds);
  if (request.seed) json.field("seed", *request.seed);
  if (request.format) json.field("format", name(*request.format));
  if (request.quality) json.field("quality", name(*request.quality));
  json.end_object();
  return wire;
}

submission decode_submission(const net::http_response& response, wall_time now) {
  if (!upstream::succeeded(response)) return upstream::turned_down(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return upstream::failed(submission_fate::unknown, body.error());
  const auto id = upstream::text_of(*body, "id");
  if (!id || !upstream::valid_song_id(*id))
    return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "a job without an id"});
  return upstream::accepted(std::string{*id});
}

upstream::wire_request encode_poll(const std::string& song_id) { return {net::http_method::get, "/jobs/" + song_id, {}}; }

result<song_status> decode_poll(const net::http_response& response, const std::string& song_id, const net::url& base,
                                wall_time now) {
  if (!upstream::succeeded(response)) return upstream::failure_about_song(response, now);
  const auto job = upstream::read_object(response);
  if (!job) return job.error();
  const auto status = parse_job_status(text_or_empty(*job, "status"));
  if (!status) return error{errc::invalid_response, "a job without a status"};
  const auto& step = member_or_empty(member_or_empty(*job, "workflow"), "step2_music_generation");
  if (!ended(*status)) return song_status{};
  if (*status == job_status::success) return finished(*job, step, song_id, base);
  song_status failed;
  failed.state = song_state::failed;
  failed.failure = failure_told(step, errc::generation_failed);
  return failed;
}

}  // namespace music::remote
