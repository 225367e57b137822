#include "stability_codec.hpp"

#include <music/base/hash.hpp>
#include <music/base/text.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>

namespace music::stability {
namespace {

constexpr std::size_t longest_prompt = 10'000;
constexpr std::size_t boundary_digits = 32;
constexpr std::chrono::seconds lock_out{60};  // after 150 requests in 10 s

/// A form in the making. The boundary is a hash of what the request says, so that nobody can put it into a text.
class form {
 public:
  explicit form(const song_request& request)
      : boundary_("form-" + to_hex(sha256_of(request.job.text() + '\n' + request.prompt)).substr(0, boundary_digits)) {}

  void field(std::string_view name, std::string_view value) {
    body_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"\r\n\r\n";
    body_ += value;
    body_ += "\r\n";
  }

  [[nodiscard]] std::string body() && { return std::move(body_) + "--" + boundary_ + "--\r\n"; }
  [[nodiscard]] std::string content_type() const { return "multipart/form-data; boundary=" + boundary_; }

 private:
  std::string boundary_;
  std::string body_;
};

/// How many steps the model takes; empty: its default.
std::string_view steps_for(std::string_view model, audio_quality quality) {
  const bool quick_model = model.find("2.5") != std::string_view::npos;
  switch (quality) {
    case audio_quality::draft: return quick_model ? "4" : "30";
    case audio_quality::standard: return {};
    case audio_quality::high: return quick_model ? "8" : "100";
  }
  return {};
}

/// Their error's name and sentences: `{"id","name","errors":[…]}`.
std::string words_of(const upstream::json::object& body) {
  std::string words{upstream::text_of(body, "name").value_or("")};
  const auto* list = body.if_contains("errors");
  if (list == nullptr || !list->is_array()) return words;
  for (const auto& each : list->get_array()) {
    if (each.is_string()) words += ' ' + std::string{each.get_string().c_str()};
  }
  return to_lower_ascii(words);
}

submission refusal_in(const net::http_response& response, wall_time now) {
  auto outcome = upstream::turned_down(response, now);
  const auto body = upstream::read_object(response);
  const auto words = body ? words_of(*body) : std::string{};
  const bool moderated = words.find("moderation") != std::string::npos;
  if (moderated || words.find("invalid_language") != std::string::npos) {
    outcome.failure = error{errc::content_rejected, "status " + std::to_string(response.status)};
  }
  // "Failed generations are not charged", when it is the service that says so and not something in front of it.
  if (response.status == 500 && words.find("internal_error") != std::string::npos) outcome.fate = submission_fate::refused;
  if (outcome.failure.code == errc::rate_limit && !outcome.failure.retry_after) outcome.failure.retry_after = lock_out;
  return outcome;
}

}  // namespace

upstream::wire_request codec::encode(const song_request& request) const {
  const auto& model = request.model.empty() ? model_ : request.model;
  form out{request};
  out.field("prompt", upstream::whole_prompt(request, longest_prompt));
  out.field("model", model);
  out.field("output_format", request.format == audio_format::wav ? "wav" : "mp3");
  if (request.duration_seconds) {
    out.field("duration", std::to_string(std::lround(std::min(*request.duration_seconds, longest_song))));
  }
  if (request.seed) out.field("seed", std::to_string(*request.seed));
  const auto steps = steps_for(model, request.quality.value_or(audio_quality::standard));
  if (!steps.empty()) out.field("steps", steps);
  upstream::wire_request call{.method = net::http_method::post, .path = "/v2beta/audio/stable-audio-2/text-to-audio", .body = {}};
  call.headers = {{"Accept", "audio/*"}, {"Content-Type", out.content_type()}};
  call.body = std::move(out).body();
  return call;
}

upstream::direct_answer codec::decode(net::http_response& response, const song_request& request, wall_time now) const {
  if (!upstream::succeeded(response)) return refusal_in(response, now);
  if (response.header("finish-reason") == "CONTENT_FILTERED") {
    return upstream::failed(submission_fate::refused, error{errc::content_rejected, "finish-reason CONTENT_FILTERED"});
  }
  return upstream::song_from(std::move(response.body), request.title, 0);
}

}  // namespace music::stability
