#pragma once

/// Where a song's bytes go while they come in.

#include <music/core/audio.hpp>
#include <music/net/http_client.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace music::upstream {

/// Lets bytes through to an audio file once the first of them are those of an audio container; nothing is written before.
/// One download each. `into` must outlive it.
class song_sink final : public net::body_sink {
 public:
  explicit song_sink(audio_writer& into) : into_(into) {}

  /// Only a whole 200 of at most 200 MB. Error: `result_unavailable`.
  [[nodiscard]] task<result<void>> begin(net::http_response head) override;

  /// Errors: `result_unavailable` (not audio), `store_unavailable`.
  [[nodiscard]] task<result<void>> write(std::string piece) override;

  /// What came, once it has come whole. Nothing if that was no audio.
  [[nodiscard]] std::optional<audio_format> format() const noexcept { return format_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  audio_writer& into_;
  std::string first_bytes_;
  std::optional<audio_format> format_;
  std::uint64_t bytes_ = 0;
};

inline constexpr std::uint64_t largest_song = 200ULL * 1024 * 1024;

}  // namespace music::upstream
