#include "acestep_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace music::acestep {
namespace {

using std::chrono::seconds;
using upstream::json::object;

constexpr std::size_t longest_prompt = 2000;
constexpr std::size_t largest_result = 256 * 1024;
constexpr std::int64_t largest_code = 999;
constexpr seconds grace{60};  ///< a task of which the server says nothing for longer is one that it has forgotten

std::string_view wire_format(const song_request& request) {
  switch (request.format.value_or(audio_format::mp3)) {
    case audio_format::wav: return "wav";
    case audio_format::flac: return "flac";
    case audio_format::mp3:
    case audio_format::ogg:
    case audio_format::mp4: return "mp3";
  }
  return "mp3";
}

/// Lyrics make the prompt a caption; without them the server's language model writes both, unless nobody is to sing.
void append_words(json_writer& out, const song_request& request) {
  const auto prompt = upstream::whole_prompt(request, longest_prompt);
  if (!upstream::wants_voice(request)) {
    out.field("prompt", prompt).field("lyrics", "[Instrumental]");
  } else if (request.lyrics.empty()) {
    out.field("sample_query", prompt);
  } else {
    out.field("prompt", prompt).field("lyrics", upstream::cut_at_line(request.lyrics, most_lyrics));
  }
  if (!request.negative_tags.empty()) out.field("lm_negative_prompt", request.negative_tags);
}

std::int64_t seconds_now(wall_time now) { return std::chrono::duration_cast<seconds>(now.time_since_epoch()).count(); }

/// When the song was accepted, from its id.
std::optional<std::int64_t> accepted_at(std::string_view song_id) {
  const auto colon = song_id.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto digits = song_id.substr(colon + 1);
  std::int64_t at = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), at);
  if (ec != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return at;
}

/// What their envelope {"data","code","error"} tells of a failure: it comes as 200 with another code.
std::optional<error> failure_in(const object& envelope) {
  const auto code = std::min<std::int64_t>(upstream::natural_of(envelope, "code").value_or(200), largest_code);
  if (code == 200) return std::nullopt;
  return upstream::failure_for(static_cast<int>(code), upstream::read_complaint(envelope), std::nullopt);
}

/// The first clip of a task's `result`, which is JSON in a string; nothing while there is none.
std::optional<object> clip_in(const object& task) {
  const auto text = upstream::text_of(task, "result").value_or("");
  if (text.size() > largest_result) return std::nullopt;
  boost::system::error_code ec;
  const auto clips = boost::json::parse(text, ec);
  if (ec || !clips.is_array() || clips.get_array().empty() || !clips.get_array().front().is_object()) return std::nullopt;
  return clips.get_array().front().get_object();
}

/// The answer to a poll for one task. Nothing if the list is empty: the server does not know it.
result<std::optional<object>> task_in(const object& envelope) {
  const auto* tasks = envelope.if_contains("data");
  if (tasks == nullptr || !tasks->is_array()) return error{errc::invalid_response, "no list of tasks"};
  if (tasks->get_array().empty()) return std::optional<object>{};
  const auto* task = tasks->get_array().front().if_object();
  if (task == nullptr || !upstream::natural_of(*task, "status")) return error{errc::invalid_response, "a task without a status"};
  return std::optional{*task};
}

result<song_status> finished(const object& clip, std::string_view song_id) {
  const auto file = upstream::text_of(clip, "file").value_or("");
  if (file.empty() || file.size() > upstream::longest_audio_url) return error{errc::invalid_response, "done without a file"};
  remote_track track;
  track.song_id = song_id;
  track.source = file;
  if (const auto* about = upstream::object_of(clip, "metas")) {
    track.duration_seconds = upstream::seconds_of(*about, "duration");
    track.tags = upstream::one_line(upstream::text_of(*about, "genres").value_or(""), upstream::longest_remote_tags);
  }
  song_status status;
  status.state = song_state::complete;
  status.tracks.push_back(std::move(track));
  return status;
}

}  // namespace

upstream::wire_request codec::encode_submission(const song_request& request) const {
  upstream::wire_request call{.method = net::http_method::post, .path = "/release_task", .body = {}};
  json_writer out{call.body};
  out.begin_object();
  append_words(out, request);
  out.field("audio_format", wire_format(request)).field("batch_size", 1);
  if (request.duration_seconds) out.field("audio_duration", *request.duration_seconds);
  if (request.seed) out.field("seed", *request.seed).field("use_random_seed", false);
  const auto& model = request.model.empty() ? model_ : request.model;
  if (!model.empty()) out.field("model", model);
  out.end_object();
  return call;
}

submission codec::decode_submission(const net::http_response& response, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::turned_down(response, now);
  const auto envelope = upstream::read_object(response);
  if (!envelope) return upstream::failed(submission_fate::unknown, envelope.error());
  if (const auto why = failure_in(*envelope)) {
    return upstream::failed(why->code == errc::invalid_response ? submission_fate::unknown : submission_fate::refused, *why);
  }
  const auto* data = upstream::object_of(*envelope, "data");
  const auto task_id = data == nullptr ? std::nullopt : upstream::text_of(*data, "task_id");
  auto song_id = std::string{task_id.value_or("")} + ':' + std::to_string(seconds_now(now));
  if (!task_id || !upstream::valid_song_id(*task_id) || !upstream::valid_song_id(song_id)) {
    return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "2xx without a usable task_id"});
  }
  return upstream::accepted(std::move(song_id));
}

result<upstream::wire_request> codec::encode_poll(std::string_view song_id) const {
  if (!accepted_at(song_id)) return error{errc::song_unknown, "not an id of ACE-Step's"};
  upstream::wire_request call{.method = net::http_method::post, .path = "/query_result", .body = {}};
  json_writer out{call.body};
  out.begin_object().key("task_id_list").begin_array().value(song_id.substr(0, song_id.rfind(':'))).end_array().end_object();
  return call;
}

result<song_status> codec::decode_poll(const net::http_response& response, std::string_view song_id, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::failure_for(response, now);
  const auto envelope = upstream::read_object(response);
  if (!envelope) return envelope.error();
  if (const auto why = failure_in(*envelope)) return *why;
  const auto task = task_in(*envelope);
  if (!task) return task.error();
  const auto clip = *task ? clip_in(**task) : std::nullopt;
  const auto state = *task ? upstream::natural_of(**task, "status").value_or(0) : 0;
  song_status status;
  if (state == 2) {
    status.state = song_state::failed;
    status.failure = clip ? upstream::song_failure(upstream::read_complaint(*clip)) : error{errc::generation_failed};
  } else if (state == 1) {
    if (!clip) return error{errc::invalid_response, "done without a clip"};
    return finished(*clip, song_id);
  } else if (!clip && seconds_now(now) - accepted_at(song_id).value_or(0) > grace.count()) {
    return error{errc::song_unknown, "forgotten by the server"};
  }
  return status;
}

}  // namespace music::acestep
