#pragma once

/// How long to wait before trying again.

#include <music/base/random.hpp>

#include <chrono>
#include <optional>

namespace music {

/// Exponential backoff with full jitter: attempt n (0 for the first retry) waits a uniform share of
/// min(cap, first * 2^n). Pure apart from the randomness that is passed in.
struct backoff {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds cap{15'000};

  /// An upstream's own `retry_after` wins if it is longer: whoever asks for patience gets it.
  [[nodiscard]] std::chrono::milliseconds delay(int attempt, random_source& random,
                                                std::optional<std::chrono::seconds> retry_after = std::nullopt) const;
};

}  // namespace music
