#include "song_sink.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace music::upstream {
namespace {

constexpr std::size_t enough_to_recognise = 16;

std::optional<std::uint64_t> number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return ec == std::errc{} && end == digits.data() + digits.size() ? std::optional{value} : std::nullopt;
}

std::string validator_of(const net::http_response& head) {
  const auto etag = head.header("ETag").value_or("");
  if (etag.starts_with('"')) return std::string{etag};  // a weak one says nothing about bytes
  return std::string{head.header("Last-Modified").value_or("")};
}

std::optional<std::uint64_t> size_of(const net::http_response& head) {
  if (head.status == 200) return number_in(head.header("Content-Length").value_or(""));
  const auto range = head.header("Content-Range").value_or("");
  const auto slash = range.find('/');
  return slash == std::string_view::npos ? std::nullopt : number_in(range.substr(slash + 1));
}

/// Where a 206 begins: "bytes 100-199/200".
std::optional<std::uint64_t> start_of(const net::http_response& head) {
  constexpr std::string_view unit = "bytes ";
  const auto range = head.header("Content-Range").value_or("");
  const auto dash = range.find('-');
  if (!range.starts_with(unit) || dash == std::string_view::npos || dash < unit.size()) return std::nullopt;
  return number_in(range.substr(unit.size(), dash - unit.size()));
}

}  // namespace

task<result<void>> song_sink::begin(net::http_response head) {
  if (!begun_) {
    if (head.status != 200) co_return error{errc::result_unavailable, "status " + std::to_string(head.status)};
    begun_ = true;
    validator_ = validator_of(head);
    size_ = size_of(head);
    co_return result<void>{};
  }
  if (!continues(head)) co_return error{errc::result_unavailable, "the rest is of another file"};
  repeated_ = head.status == 200 ? bytes_ : 0;
  co_return result<void>{};
}

bool song_sink::continues(const net::http_response& head) const {
  const bool right_place = head.status == 200 || (head.status == 206 && start_of(head) == bytes_);
  const auto validator = validator_of(head);
  const auto size = size_of(head);
  const bool same_file = (validator.empty() || validator == validator_) && (!size || !size_ || *size == *size_);
  return right_place && same_file;
}

task<result<void>> song_sink::write(std::string piece) {
  const auto known = std::min<std::uint64_t>(repeated_, piece.size());
  piece.erase(0, static_cast<std::size_t>(known));
  repeated_ -= known;
  if (piece.empty()) co_return result<void>{};
  bytes_ += piece.size();
  if (bytes_ > largest_song) co_return error{errc::result_unavailable, "larger than 200 MB"};
  if (!format_) {
    first_bytes_ += piece;
    if (first_bytes_.size() < enough_to_recognise) co_return result<void>{};
    format_ = recognise_audio(first_bytes_);
    if (!format_) co_return error{errc::result_unavailable, "not audio"};
    piece = std::move(first_bytes_);
  }
  co_return co_await into_.append(std::move(piece));
}

}  // namespace music::upstream
