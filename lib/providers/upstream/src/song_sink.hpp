#pragma once

/// Where a song's bytes go while they come in.

#include <music/core/audio.hpp>
#include <music/net/http_client.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace music::upstream {

/// Lets bytes through to an audio file once the first of them are those of an audio container; nothing is written before.
/// One file each, in one answer or in several that continue each other. `into` must outlive it.
class song_sink final : public net::body_sink {
 public:
  explicit song_sink(audio_writer& into) : into_(into) {}

  /// A 200 with the whole file; after a broken one a 206 with the rest of the same file, or the whole file again, of which
  /// only the rest is taken. Error: `result_unavailable`.
  [[nodiscard]] task<result<void>> begin(net::http_response head) override;

  /// Errors: `result_unavailable` (not audio, larger than 200 MB), `store_unavailable`.
  [[nodiscard]] task<result<void>> write(std::string piece) override;

  /// What came, once it has come whole. Nothing if that was no audio.
  [[nodiscard]] std::optional<audio_format> format() const noexcept { return format_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  /// A strong ETag or a Last-Modified of the file, for If-Range; empty if it has none.
  [[nodiscard]] const std::string& validator() const noexcept { return validator_; }

 private:
  [[nodiscard]] bool continues(const net::http_response& head) const;

  audio_writer& into_;
  std::string first_bytes_;
  std::optional<audio_format> format_;
  std::uint64_t bytes_ = 0;    ///< of the file, taken so far
  std::uint64_t repeated_ = 0; ///< bytes at the head of this answer that were taken before
  std::string validator_;
  std::optional<std::uint64_t> size_;
  bool begun_ = false;
};

inline constexpr std::uint64_t largest_song = 200ULL * 1024 * 1024;

}  // namespace music::upstream
