#pragma once

/// How long a song plays, read from its bytes while they pass: a provider's word for it may be missing, rounded or wrong.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music {

/// Reads MP3 (every frame counts, so variable bit rates are exact), WAV, FLAC, OGG (Vorbis, Opus) and MP4 (`mvhd`, at either
/// end of the file) as a stream: at most a few KiB are kept, and nothing of it is decoded. Untrusted input: lengths in it are
/// only ever skipped. One file each; not thread-safe.
class duration_reader {
 public:
  duration_reader();
  ~duration_reader();
  duration_reader(const duration_reader&) = delete;
  duration_reader& operator=(const duration_reader&) = delete;

  /// The next bytes of the file, in order.
  void feed(std::string_view bytes);

  /// Seconds to the millisecond, once the file has been fed whole; nothing if its format is another one or does not tell.
  [[nodiscard]] std::optional<double> seconds() const;

  /// One container's way of telling. Private to the implementation.
  class walker;

 private:
  std::string first_bytes_;
  std::unique_ptr<walker> walker_;
  bool unknown_ = false;
};

}  // namespace music
