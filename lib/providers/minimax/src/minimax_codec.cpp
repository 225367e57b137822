#include "minimax_codec.hpp"

#include <music/base/json_writer.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <string>

namespace music::minimax {
namespace {

using upstream::json::object;

std::string_view wire_format(const song_request& request) { return request.format == audio_format::wav ? "wav" : "mp3"; }

void append_setting(json_writer& out, const song_request& request) {
  out.key("audio_setting").begin_object();
  const auto quality = request.quality.value_or(audio_quality::standard);
  if (quality == audio_quality::draft) out.field("sample_rate", 32000).field("bitrate", 64000);
  if (quality == audio_quality::high) out.field("sample_rate", 44100).field("bitrate", 256000);
  out.field("format", wire_format(request)).end_object();
}

/// The codes of platform.minimax.io's error page. All of them say that no song was made, but 1001: a song that took too long
/// may have been made.
submission refused_with(std::int64_t code) {
  const std::string detail = "base_resp " + std::to_string(code);
  const auto refused = [](error why) { return upstream::failed(submission_fate::refused, std::move(why)); };
  switch (code) {
    case 1000:
    case 1024:
    case 1033: return refused(upstream::passing(errc::api_error, detail));
    case 1001: return upstream::failed(submission_fate::unknown, error{errc::timeout, detail});
    case 1002:
    case 1039:
    case 1041: return refused(upstream::passing(errc::rate_limit, detail));
    case 1004:
    case 2049: return refused(error{errc::authentication, detail});
    case 1008: return refused(error{errc::quota_exhausted, detail});
    case 1026:
    case 1027: return refused(error{errc::content_rejected, detail});
    case 1042:
    case 2013: return refused(error{errc::api_error, detail});
    default: return upstream::failed(submission_fate::unknown, error{errc::invalid_response, detail});
  }
}

/// Nothing if the answer has no code, which a song always has.
std::optional<std::int64_t> code_in(const object& body) {
  const auto* outcome = upstream::object_of(body, "base_resp");
  return outcome == nullptr ? std::nullopt : upstream::natural_of(*outcome, "status_code");
}

double seconds_in(const object& body) {
  const auto* extra = upstream::object_of(body, "extra_info");
  return extra == nullptr ? 0 : static_cast<double>(upstream::natural_of(*extra, "music_duration").value_or(0)) / 1000;
}

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes(digits.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(digits[2 * i]);
    const int low = digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

upstream::wire_request codec::encode(const song_request& request) const {
  upstream::wire_request call{.method = net::http_method::post, .path = "/v1/music_generation", .body = {}};
  json_writer out{call.body};
  out.begin_object().field("model", request.model.empty() ? model_ : request.model);
  out.field("prompt", upstream::whole_prompt(request, longest_prompt));
  const bool with_voice = upstream::wants_voice(request);
  if (!with_voice) out.field("is_instrumental", true);
  else if (request.lyrics.empty()) out.field("lyrics_optimizer", true);
  else out.field("lyrics", upstream::cut_at_line(request.lyrics, most_lyrics));
  out.field("output_format", "hex");  // a link would be one more thing that can be lost
  append_setting(out, request);
  out.end_object();
  return call;
}

upstream::direct_answer codec::decode(net::http_response& response, const song_request& request, wall_time now) const {
  if (!upstream::succeeded(response)) return upstream::turned_down(response, now);
  const auto body = upstream::read_object(response);
  if (!body) return upstream::failed(submission_fate::unknown, body.error());
  std::string{}.swap(response.body);  // assigning would keep the memory, and the song is there twice already
  const auto code = code_in(*body);
  if (!code) return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "no status_code"});
  if (*code != 0) return refused_with(*code);
  const auto* data = upstream::object_of(*body, "data");
  const auto digits = data == nullptr ? std::nullopt : upstream::text_of(*data, "audio");
  auto bytes = digits ? from_hex(*digits) : std::nullopt;
  if (!bytes) return upstream::failed(submission_fate::unknown, error{errc::invalid_response, "no audio in hexadecimal"});
  return upstream::song_from(std::move(*bytes), request.title, seconds_in(*body));
}

}  // namespace music::minimax
