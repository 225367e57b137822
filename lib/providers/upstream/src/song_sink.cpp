#include "song_sink.hpp"

#include <utility>

namespace music::upstream {
namespace {

constexpr std::size_t enough_to_recognise = 16;

}  // namespace

task<result<void>> song_sink::begin(net::http_response head) {
  if (head.status != 200) co_return error{errc::result_unavailable, "status " + std::to_string(head.status)};
  co_return result<void>{};
}

task<result<void>> song_sink::write(std::string piece) {
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
