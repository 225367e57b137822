#include <music/providers/upstream/outcome.hpp>

#include <music/base/text.hpp>

#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace music::upstream {
namespace {

constexpr std::size_t longest_song_id = 128;
constexpr double longest_duration = 36'000;  // ten hours; beyond is nonsense

/// Control characters, soft hyphen, zero-width and bidirectional controls, byte order mark, private use.
bool unprintable(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfff0 && c <= 0xffff) ||
         c >= 0xe0000;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool says_moderation(const complaint& why) {
  return why.says({"moderat", "artist name", "artist's name", "copyright", "sensitive", "policy", "inappropriate", "prohibited",
                   "content violat", "flagged", "nsfw", "banned", "not allowed in"});
}

bool says_quota(const complaint& why) {
  return why.says({"insufficient credit", "insufficient_credit", "credits are insufficient", "not enough credit", "out of credit",
                   "insufficient_quota", "quota exceeded", "quota_exceeded"});
}

bool valid_song_id(std::string_view id) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           c == ':' || c == '*';
  };
  if (id.empty() || id.size() > longest_song_id) return false;
  return std::all_of(id.begin(), id.end(), allowed) && id.find_first_not_of('.') != std::string_view::npos;
}

error failure_for(int status, const complaint& why, std::optional<std::chrono::seconds> wait) {
  std::string detail = "status " + std::to_string(status);
  if (status < 400) return error{errc::invalid_response, std::move(detail)};
  if (status == 402 || ((status == 403 || status == 429) && says_quota(why)))
    return error{errc::quota_exhausted, std::move(detail)};
  if (status == 429) return passing(errc::rate_limit, std::move(detail), wait);
  if (status == 408) return passing(errc::timeout, std::move(detail), wait);
  if (status == 425 || status >= 500) return passing(errc::api_error, std::move(detail), wait);
  const bool judged = status == 400 || status == 403 || status == 422 || status == 451;
  if (judged && says_moderation(why)) return error{errc::content_rejected, std::move(detail)};
  if (status == 401 || status == 403) return error{errc::authentication, std::move(detail)};
  return error{errc::api_error, std::move(detail)};
}

error failure_for(const net::http_response& response, wall_time now) {
  return failure_for(response.status, read_complaint(response), wait_asked_for(response, now));
}

error failure_about_song(const net::http_response& response, wall_time now) {
  const bool gone = response.status == 404 || response.status == 410;
  return gone ? error{errc::song_unknown, "status " + std::to_string(response.status)} : failure_for(response, now);
}

submission_fate fate_for(int status) noexcept {
  const bool elsewhere = status == 301 || status == 307 || status == 308;
  const bool not_taken = (status >= 400 && status <= 499) || status == 503 || elsewhere;
  return not_taken ? submission_fate::refused : submission_fate::unknown;
}

error song_failure(const complaint& why) {
  return says_moderation(why) ? error{errc::content_rejected, "the song was moderated"} : error{errc::generation_failed};
}

submission accepted(std::string song_id) {
  submission taken;
  taken.fate = submission_fate::accepted;
  taken.song_id = std::move(song_id);
  return taken;
}

submission failed(submission_fate fate, error why) {
  submission lost;
  lost.fate = fate;
  lost.failure = std::move(why);
  return lost;
}

submission turned_down(const net::http_response& response, wall_time now) {
  return failed(fate_for(response.status), failure_for(response, now));
}

submission unanswered(const net::exchange_failure& failure) {
  return failed(failure.request == net::sent::nothing ? submission_fate::not_sent : submission_fate::unknown,
                failure_of(failure));
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  std::size_t length = 0;
  while (!text.empty() && length < most) {
    const auto next = decode_utf8(text);
    const std::size_t bytes = next ? next->bytes : 1;
    if (next && !unprintable(next->code_point)) {
      line += text.substr(0, bytes);
      ++length;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
      ++length;
    }
    text.remove_prefix(bytes);
  }
  return std::string{trim(line)};
}

double seconds_of(const json::object& from, std::string_view member) {
  std::optional<double> value;
  const auto* found = from.if_contains(member);
  if (found != nullptr && found->is_number()) value = found->to_number<double>();
  if (const auto text = text_of(from, member)) value = number_in(*text);
  return value && *value >= 0 && *value <= longest_duration ? *value : 0;
}

}  // namespace music::upstream
