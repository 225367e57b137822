#include "record_dialect.hpp"

#include "gateway_answer.hpp"
#include "record_codes.hpp"
#include "song_words.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/net/url.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace music::suno {
namespace {

using upstream::json::object;

/// Their `callBackUrl` is required even from those who only poll. RFC 2606 keeps this name from ever resolving.
constexpr std::string_view nobody_listens = "https://callback.invalid/";

constexpr double usual_duration = 180;  ///< seconds; theirs is 20
constexpr double shortest_remote = 10;
constexpr double longest_remote = 360;

constexpr std::array<std::string_view, 9> sunoapi_models{"V6",       "V6_WILD", "V6_MINI", "V5_5", "V5",
                                                         "V4_5PLUS", "V4_5ALL", "V4_5",    "V4"};
constexpr std::array<std::string_view, 6> kie_models{"V5_5", "V5", "V4_5PLUS", "V4_5ALL", "V4_5", "V4"};

constexpr traits sunoapi_traits{
    .default_model = "V6", .models = sunoapi_models, .calls_back = true, .custom_songs = true, .durations = true};
constexpr traits kie_traits{.default_model = "V5", .models = kie_models, .calls_back = true, .custom_songs = true};

constexpr track_members camel_and_snake{.source = {"audioUrl", "audio_url", "sourceAudioUrl", "source_audio_url"},
                                        .preview = {"streamAudioUrl", "stream_audio_url"},
                                        .created_at = {"createTime", "created_at"}};

std::optional<int> code_in(const object& body) {
  if (const auto number = upstream::natural_of(body, "code"); number && *number <= 999) return static_cast<int>(*number);
  const auto text = upstream::text_of(body, "code").value_or("");
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

/// A member that is an object, or a text that holds one: some deliver the inner answer as a string.
std::optional<object> nested(const object& from, std::string_view member) {
  if (const auto* inner = upstream::object_of(from, member)) return *inner;
  const auto text = upstream::text_of(from, member);
  if (!text) return std::nullopt;
  boost::system::error_code ec;
  auto parsed = boost::json::parse(*text, ec);
  if (ec || !parsed.is_object()) return std::nullopt;
  return std::move(parsed.get_object());
}

/// The songs of an answer: `sunoData` or `data`.
std::vector<object> songs_in(const object& response) {
  std::vector<object> songs;
  for (const auto* member : {"sunoData", "suno_data", "data"}) {
    const auto* found = response.if_contains(member);
    if (found == nullptr || !found->is_array()) continue;
    for (const auto& each : found->get_array()) {
      if (const auto* song = each.if_object()) songs.push_back(*song);
    }
    break;
  }
  return songs;
}

/// What the record says about its own failure.
upstream::complaint complaint_of(const object& record) {
  upstream::complaint why;
  for (const auto* member : {"errorMessage", "error_message", "failMsg"}) {
    why.words += to_lower_ascii(upstream::text_of(record, member).value_or(""));
  }
  return why;
}

struct offered {
  std::vector<remote_track> tracks;
  bool all_have_files = true;
};

/// Distinct, so that each song's link can be renewed.
std::string id_of_nameless(std::string_view task, std::size_t index) {
  return index == 0 ? std::string{task} : std::string{task} + ':' + std::to_string(index);
}

offered tracks_of(const object& record, std::string_view task) {
  offered found;
  const auto response = nested(record, "response");
  if (!response) return {{}, false};
  for (const auto& song : songs_in(*response)) {
    const auto id = first_text(song, {"id", "audioId", "audio_id"});
    auto track =
        read_track(song, valid_song_id(id) ? std::string{id} : id_of_nameless(task, found.tracks.size()), camel_and_snake);
    if (track.source.empty()) found.all_have_files = false;
    found.tracks.push_back(std::move(track));
  }
  found.all_have_files = found.all_have_files && !found.tracks.empty();
  return found;
}

/// Complete is what the gateway calls so. A song whose file is late keeps its place: whoever finds no link asks for another
/// one. Where no song is told of there is something to look for all the same.
song_status complete_with(std::vector<remote_track> tracks, std::string_view task) {
  song_status status;
  status.state = song_state::complete;
  status.tracks = std::move(tracks);
  if (status.tracks.empty()) status.tracks.emplace_back().song_id = task;
  return status;
}

song_status generating_with(std::vector<remote_track> tracks) {
  song_status status;
  for (auto& track : tracks) {
    if (track.preview.empty()) track.preview = track.source;  // the first of two songs may be finished already
    if (!track.preview.empty()) status.tracks.push_back(std::move(track));
  }
  return status;
}

song_status failed_with(error why) {
  song_status status;
  status.state = song_state::failed;
  status.failure = std::move(why);
  return status;
}

song_status read_record(const object& record, std::string_view task) {
  const auto status = upstream::text_of(record, "status").value_or("");
  auto found = tracks_of(record, task);
  if (status == "SUCCESS") return complete_with(std::move(found.tracks), task);
  // Only the callback could not be delivered: the songs tell how far they are.
  if (status == "CALLBACK_EXCEPTION" && found.all_have_files) return complete_with(std::move(found.tracks), task);
  if (status == "SENSITIVE_WORD_ERROR") return failed_with(error{errc::content_rejected, "sensitive words"});
  if (status == "CREATE_TASK_FAILED" || status == "GENERATE_AUDIO_FAILED" || status == "FAILED") {
    return failed_with(song_failure(complaint_of(record)));
  }
  return generating_with(std::move(found.tracks));
}

class record_dialect final : public dialect {
 public:
  record_dialect(const traits& about, std::span<const code_row> codes) : about_(about), codes_(codes) {}

  const traits& about() const noexcept override { return about_; }

  wire_request encode_submission(const song_request& request, const submission_terms& terms) const override {
    wire_request call{.method = net::http_method::post, .path = "/api/v1/generate", .body = {}};
    json_writer out{call.body};
    out.begin_object();
    const bool instrumental = request.instrumental.value_or(false);
    // V6 refuses a bare description; what came before it refuses a song to be sung without its lyrics.
    const bool custom = has_v6_interface(terms.model) || instrumental || !request.lyrics.empty();
    out.field("customMode", custom).field("instrumental", instrumental).field("model", terms.model);
    out.field("callBackUrl", terms.callback_url.empty() ? nobody_listens : std::string_view{terms.callback_url});
    if (custom) write_custom(out, request, terms.model, instrumental);
    else out.field("prompt", description_of(request, limits_for(terms.model)));
    out.end_object();
    return call;
  }

  submission decode_submission(const net::http_response& response, wall_time now) const override {
    const auto body = upstream::read_object(response);
    if (!succeeded(response) && !speaks(body)) return turned_down(response, now);
    if (!body) return failed(submission_fate::unknown, body.error());
    if (const auto why = complaint_in(*body)) return declined(*why, upstream::wait_asked_for(response, now));
    const auto* data = upstream::object_of(*body, "data");
    const auto task = data == nullptr ? std::string_view{} : first_text(*data, {"taskId", "task_id"});
    if (!valid_song_id(task))
      return failed(submission_fate::unknown, error{errc::invalid_response, "2xx without a usable task id"});
    return accepted(std::string{task});
  }

  wire_request encode_poll(std::span<const std::string> songs) const override {
    return {.method = net::http_method::get,
            .path = "/api/v1/generate/record-info?taskId=" + net::encode_segment(songs.front()),
            .body = {}};
  }

  std::vector<result<song_status>> decode_poll(const net::http_response& response, std::span<const std::string> songs,
                                               wall_time now) const override {
    std::vector<result<song_status>> only;
    only.push_back(status_of(response, songs.front(), now));
    return only;
  }

  std::optional<callback> decode_callback(std::string_view text) const override {
    boost::system::error_code ec;
    const auto parsed = boost::json::parse(text, ec);
    const auto* body = ec ? nullptr : parsed.if_object();
    const auto* data = body == nullptr ? nullptr : upstream::object_of(*body, "data");
    if (data == nullptr) return std::nullopt;
    const auto task = first_text(*data, {"task_id", "taskId"});
    if (!valid_song_id(task)) return std::nullopt;
    const auto type = first_text(*data, {"callbackType", "callback_type"});
    const bool failed = code_in(*body).value_or(200) != 200;
    const auto stage = failed            ? song_stage::ended
                       : type == "text"  ? song_stage::begun
                       : type == "first" ? song_stage::playable
                                         : song_stage::ended;
    return callback{std::string{task}, stage};
  }

 private:
  [[nodiscard]] submission declined(const upstream::complaint& why, std::optional<std::chrono::seconds> wait) const {
    const int code = why.code.value_or(0);
    if (code < 400) return failed(fate_for(code), error{errc::invalid_response, "code " + std::to_string(code)});
    const auto meaning = meaning_of(code, codes_);
    auto failure = failure_of(meaning, why, wait);
    if (failure.code == errc::song_unknown) failure = error{errc::api_error, failure.detail};  // there is no song yet
    return failed(fate_of(meaning), std::move(failure));
  }

  void write_custom(json_writer& out, const song_request& request, std::string_view model, bool instrumental) const {
    const auto limits = limits_for(model);
    const auto lyrics = instrumental ? std::string{} : lyrics_of(request, limits);
    if (!lyrics.empty()) out.field(has_v6_interface(model) ? "lyrics" : "prompt", lyrics);
    out.field("style", style_of(request, limits)).field("title", title_of(request, limits));
    const auto avoided = negative_tags_of(request, limits);
    if (!avoided.empty()) out.field("negativeTags", avoided);
    if (about_.durations && takes_duration(model)) {
      out.field("duration", std::clamp(request.duration_seconds.value_or(usual_duration), shortest_remote, longest_remote));
    }
  }

  /// Whether the host itself tells of a failure: its code counts before HTTP's status. A status alone means what it does everywhere:
  /// it may be a proxy's.
  static bool speaks(const result<object>& body) { return body && code_in(*body).value_or(200) >= 400; }

  /// What is wrong with an answer; nothing if it says that all is well.
  static std::optional<upstream::complaint> complaint_in(const object& body) {
    const auto code = code_in(body);
    if (code.value_or(200) == 200) return std::nullopt;
    auto why = upstream::read_complaint(body);
    why.code = code;
    return why;
  }

  static error failure_by_status(const net::http_response& response, wall_time now) {
    auto failure = upstream::failure_about_song(response, now);
    if (failure.code == errc::song_unknown) failure.transient = true;  // or not known yet
    return failure;
  }

  [[nodiscard]] result<song_status> status_of(const net::http_response& response, std::string_view task, wall_time now) const {
    const auto body = upstream::read_object(response);
    if (!succeeded(response) && !speaks(body)) return failure_by_status(response, now);
    if (!body) return body.error();
    if (const auto why = complaint_in(*body)) {
      if (*why->code < 400) return error{errc::invalid_response, "code " + std::to_string(*why->code)};
      auto failure = failure_of(meaning_of(*why->code, codes_), *why, upstream::wait_asked_for(response, now));
      if (failure.code == errc::generation_failed) return failed_with(song_failure(*why));
      return failure;
    }
    const auto* data = upstream::object_of(*body, "data");
    if (data == nullptr && !code_in(*body)) return error{errc::invalid_response, "neither code nor data"};
    // "success" without data is their way to say that they do not know the task, or not yet.
    if (data == nullptr) return upstream::passing(errc::song_unknown, "no data");
    const auto id = first_text(*data, {"taskId", "task_id"});
    if (!id.empty() && id != task) return error{errc::invalid_response, "another task's record"};
    return read_record(*data, task);
  }

  const traits& about_;
  std::span<const code_row> codes_;
};

}  // namespace

const dialect& sunoapi_dialect() {
  static const record_dialect only{sunoapi_traits, sunoapi_codes()};
  return only;
}

const dialect& kie_dialect() {
  static const record_dialect only{kie_traits, kie_codes()};
  return only;
}

}  // namespace music::suno
