#include <music/async/backoff.hpp>

#include <algorithm>

namespace music {

std::chrono::milliseconds backoff::delay(int attempt, random_source& random,
                                         std::optional<std::chrono::seconds> retry_after) const {
  constexpr int largest_shift = 20;
  const auto window = std::min<std::chrono::milliseconds>(cap, first * (1LL << std::clamp(attempt, 0, largest_shift)));
  const std::chrono::milliseconds jittered{static_cast<std::int64_t>(static_cast<double>(window.count()) * unit(random))};
  return std::max(jittered, std::chrono::milliseconds{retry_after.value_or(std::chrono::seconds{0})});
}

}  // namespace music
