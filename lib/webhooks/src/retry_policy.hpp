#pragma once

/// What an attempt means for a delivery. Pure: a test calls it with plain values.

#include <music/base/random.hpp>
#include <music/core/webhook.hpp>

#include <chrono>
#include <optional>

namespace music::webhooks {

/// How one attempt went.
struct attempt {
  std::optional<int> status{};                        ///< nothing: no answer
  std::optional<std::chrono::seconds> retry_after{};  ///< as the receiver asked for
  bool never_possible = false;                        ///< the endpoint may not or cannot be asked, now or later
};

struct verdict {
  enum class kind : std::uint8_t {
    delivered,
    again,  ///< after `wait`
    dead,
    gone,   ///< dead, and the receiver wants nothing any more (410)
  };
  kind what = kind::again;
  std::chrono::milliseconds wait{};
};

/// `attempts` counts the one that was just made. After 5 s, 1 min, 5 min, 30 min, 2 h, 5 h and 10 h, each give or take 15 %, the
/// eighth attempt is the last: 17.6 hours, inside the day that a job is kept by default. A receiver that asks for more
/// patience gets it. A receiver of `standard` may be wrong about itself for a while, so every answer but 2xx and 410 is
/// tried again, redirects too; OpenClaw's refusals are final but for 408, 429 and 5xx (openclaw 2026.9.6, hooks).
[[nodiscard]] verdict judge(webhook_format format, const attempt& made, int attempts, random_source& random);

}  // namespace music::webhooks
