#pragma once

/// The containers whose length `duration_reader` reads.

#include <music/core/audio_duration.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace music {

/// Walks a file from part to part: asks for some bytes at a time, and skips what does not matter.
class duration_reader::walker {
 public:
  virtual ~walker() = default;
  void feed(std::string_view bytes);
  [[nodiscard]] virtual std::optional<double> seconds() const = 0;

 protected:
  explicit walker(std::size_t first_part) : wanted_(first_part) {}

  /// `part` has as many bytes as were asked for. What it leaves in there comes again at the head of the next part, which
  /// must be longer. Says what comes next by `skip`, then `want`.
  virtual void on_part(std::string& part) = 0;

  void want(std::size_t bytes) noexcept { wanted_ = bytes; }
  void skip(std::uint64_t bytes) noexcept { to_skip_ = bytes; }
  void stop() noexcept { wanted_ = 0; }
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

 private:
  std::string gathered_;
  std::size_t wanted_;
  std::uint64_t to_skip_ = 0;
  std::uint64_t total_ = 0;
};

[[nodiscard]] std::unique_ptr<duration_reader::walker> make_mp3_walker();
[[nodiscard]] std::unique_ptr<duration_reader::walker> make_wav_walker();
[[nodiscard]] std::unique_ptr<duration_reader::walker> make_flac_walker();
[[nodiscard]] std::unique_ptr<duration_reader::walker> make_ogg_walker();
[[nodiscard]] std::unique_ptr<duration_reader::walker> make_mp4_walker();

/// Unsigned numbers at `at`; the bytes must be there.
[[nodiscard]] inline std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

[[nodiscard]] inline std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

}  // namespace music
