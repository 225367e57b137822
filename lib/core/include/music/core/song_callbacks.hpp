#pragma once

/// The driving port for music services that speak up by themselves.

#include <string_view>

namespace music {

/// Port: takes what a music service posts to the address that it was given with a submission. Thread-safe.
class song_callbacks {
 public:
  virtual ~song_callbacks() = default;

  /// False if no submission of ours was given this token; then nothing happens. The body is untrusted and a hint at most: it
  /// makes a poll come sooner. Never blocks.
  [[nodiscard]] virtual bool receive(std::string_view token, std::string_view body) = 0;
};

}  // namespace music
