#include "classic_dialect.hpp"

#include "gateway_answer.hpp"
#include "song_words.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/net/url.hpp>
#include <music/providers/upstream/answer.hpp>

#include <utility>

namespace music::suno {
namespace {

using upstream::json::object;

/// The id as text. Gateways that number their songs send a number; ids outside the grammar give nothing.
std::string song_id_of(const object& body) {
  if (const auto number = upstream::natural_of(body, "id")) return std::to_string(*number);
  const auto text = upstream::text_of(body, "id").value_or("");
  return valid_song_id(text) ? std::string{text} : std::string{};
}

/// A 2xx without an id. Only a body that names a refusal in numbers is taken at its word; all else may have been charged.
submission without_id(const object& body, const net::http_response& response, wall_time now) {
  const auto why = upstream::read_complaint(body);
  const int code = why.code.value_or(0);
  if (code >= 400 && code <= 599) return failed(fate_for(code), failure_for(code, why, upstream::wait_asked_for(response, now)));
  return failed(submission_fate::unknown, error{errc::invalid_response, "2xx without a usable id"});
}

/// A body without a status: an error that came as a 2xx, or an answer of some other service.
error statusless(const object& body, const net::http_response& response, wall_time now) {
  const auto why = upstream::read_complaint(body);
  const int code = why.code.value_or(0);
  if (code == 404) return error{errc::song_unknown, "code 404 in the body"};
  if (code >= 400 && code <= 599) return failure_for(code, why, upstream::wait_asked_for(response, now));
  return error{errc::invalid_response, "no status"};
}

class classic final : public dialect {
 public:
  const traits& about() const noexcept override {
    static constexpr traits plain{};
    return plain;
  }

  wire_request encode_submission(const song_request& request, const submission_terms&) const override {
    wire_request call{.method = net::http_method::post, .path = "/v1/generate", .body = {}};
    json_writer out{call.body};
    out.begin_object()
        .field("prompt", request.prompt)
        .field("make_instrumental", request.instrumental.value_or(false))
        .field("tags", style_words(request))
        .end_object();
    return call;
  }

  submission decode_submission(const net::http_response& response, wall_time now) const override {
    if (!succeeded(response)) return turned_down(response, now);
    const auto body = upstream::read_object(response);
    if (!body) return failed(submission_fate::unknown, body.error());
    auto song_id = song_id_of(*body);
    return song_id.empty() ? without_id(*body, response, now) : accepted(std::move(song_id));
  }

  wire_request encode_poll(std::span<const std::string> songs) const override {
    return {.method = net::http_method::get, .path = "/v1/songs/" + net::encode_segment(songs.front()), .body = {}};
  }

  std::vector<result<song_status>> decode_poll(const net::http_response& response, std::span<const std::string> songs,
                                               wall_time now) const override {
    std::vector<result<song_status>> only;
    only.push_back(status_of(response, songs.front(), now));
    return only;
  }

 private:
  static result<song_status> status_of(const net::http_response& response, std::string_view song_id, wall_time now) {
    if (!succeeded(response)) return upstream::failure_about_song(response, now);
    const auto body = upstream::read_object(response);
    if (!body) return body.error();
    const auto status = upstream::text_of(*body, "status");
    if (!status) return statusless(*body, response, now);
    const auto id = song_id_of(*body);
    if (!id.empty() && id != song_id) return error{errc::invalid_response, "another song's status"};
    return read_status(to_lower_ascii(*status), *body, song_id);
  }

  static song_status read_status(std::string_view status, const object& body, std::string_view song_id) {
    song_status now;
    if (status == "complete") {
      now.state = song_state::complete;
      now.tracks.push_back(read_track(body, song_id, {.source = {"audio_url"}, .created_at = {"created_at"}}));
    }
    if (status == "error") {
      now.state = song_state::failed;
      now.failure = song_failure(upstream::read_complaint(body));
    }
    return now;
  }
};

}  // namespace

const dialect& classic_dialect() {
  static const classic only;
  return only;
}

}  // namespace music::suno
