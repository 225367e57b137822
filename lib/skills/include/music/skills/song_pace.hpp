#pragma once

/// When to ask for a song next, learned from how long the provider's recent songs took.

#include <array>
#include <chrono>
#include <cstddef>

namespace music {

/// Songs are complete after times that are roughly log-normal. From the last 64 of them follows the hazard h(t), the chance
/// of a song of age t to be complete in the next second, and from that the gap between polls that loses least: with h * g / 2
/// seconds of lateness and 1 / g polls for each second of waiting, and a poll worth `poll_price` seconds of lateness, it is
/// g = sqrt(2 * poll_price / h). Against equal gaps this halves the lateness at the same number of polls (simulated 2026-11).
///
/// A value without clock or randomness. One for each provider and shard; not thread-safe.
class song_pace {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// No gap is shorter than `least`.
  explicit song_pace(milliseconds least) : least_(least) {}

  /// A song was not complete at the age of `not_yet` and was at the age of `complete`: it counts as halfway.
  void learn(milliseconds not_yet, milliseconds complete);

  /// How long to wait for the next poll of a song of this age. From `least` to `longest_gap`.
  [[nodiscard]] milliseconds gap(milliseconds age) const;

  /// The median of what was learned.
  [[nodiscard]] milliseconds typical() const;

  static constexpr milliseconds longest_gap{15'000};

 private:
  struct spread {
    double mean = 0;       ///< of the logarithm of seconds
    double deviation = 0;
  };
  void refit();
  [[nodiscard]] double hazard(double age_seconds) const;

  static constexpr std::size_t remembered = 64;

  milliseconds least_;
  std::array<double, remembered> logs_{};
  std::size_t learned_ = 0;  ///< ever; the ring's position is its remainder
  spread fit_ = unknown_song;

  /// Before anything was learned: half of the songs take between 45 and 100 s (first reports of gateways, 2026-11).
  static constexpr spread unknown_song{.mean = 4.2, .deviation = 0.6};
};

}  // namespace music
