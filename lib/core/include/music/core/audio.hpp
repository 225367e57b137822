#pragma once

/// Audio as bytes: recognising it and keeping it.

#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/base/ids.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

enum class audio_format : std::uint8_t { mp3, ogg, flac, wav, mp4 };

/// "mp3", "ogg", ...: the value of `format` in a request and the extension of a file's name.
[[nodiscard]] std::string_view name(audio_format format) noexcept;
[[nodiscard]] std::optional<audio_format> parse_audio_format(std::string_view text) noexcept;

/// The media type, e.g. "audio/mpeg".
[[nodiscard]] std::string_view content_type(audio_format format) noexcept;

/// How good a file is to be. What it means is each provider's own: steps of the model, bit rate, sample rate.
enum class audio_quality : std::uint8_t {
  draft,     ///< soon and small
  standard,  ///< the provider's default
  high,      ///< the best that the provider has, however long it takes
};

/// "draft", "standard", "high".
[[nodiscard]] std::string_view name(audio_quality quality) noexcept;
[[nodiscard]] std::optional<audio_quality> parse_audio_quality(std::string_view text) noexcept;

/// Recognises a container by its first bytes (16 are enough): ID3 or an MPEG frame, OggS, fLaC, RIFF/WAVE, ftyp. An upstream's
/// word for it is not believed: error pages arrive as 200 audio/mpeg.
[[nodiscard]] std::optional<audio_format> recognise_audio(std::string_view first_bytes) noexcept;

/// What committing a file gives. `key` finds it again; `sha256` is lower-case hexadecimal.
struct stored_audio {
  std::string key;
  std::string sha256;
  std::uint64_t size_bytes = 0;
};

/// A file that was committed, and what is in it.
struct held_audio {
  stored_audio file;
  audio_format format = audio_format::mp3;
};

/// A file being written. Dropping it before `commit` leaves nothing behind. One task at a time.
class audio_writer {
 public:
  virtual ~audio_writer() = default;

  /// Errors: `store_unavailable` (disk full, I/O error).
  [[nodiscard]] virtual task<result<void>> append(std::string bytes) = 0;

  /// Makes the bytes durable under their final name. Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<stored_audio>> commit() = 0;
};

/// A file being read. One task at a time.
class audio_reader {
 public:
  virtual ~audio_reader() = default;
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

  /// Up to `count` bytes from `offset`; fewer only at the end. Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<std::string>> read(std::uint64_t offset, std::size_t count) = 0;
};

/// Port: where finished songs rest. Thread-safe; its functions complete on the awaiting shard.
class audio_store {
 public:
  virtual ~audio_store() = default;

  /// Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<std::unique_ptr<audio_writer>>> create(job_id owner) = 0;

  /// Errors: `not_found`, `store_unavailable`.
  [[nodiscard]] virtual task<result<std::unique_ptr<audio_reader>>> open(std::string key) = 0;

  /// Erasing what is not there succeeds. Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<void>> erase(std::string key) = 0;

  /// The keys of all files of one job, in no order. Looks at every file: for recovery, not for the daily path. Errors:
  /// `store_unavailable`.
  [[nodiscard]] virtual task<result<std::vector<std::string>>> find(job_id owner) = 0;
};

}  // namespace music
