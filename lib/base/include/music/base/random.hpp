#pragma once

/// Randomness as a port, so that a test owns it: ids, jitter and seeds all come through here.

#include <cstdint>

namespace music {

/// A source of uniformly distributed 64-bit words. Implementations say whether they are thread-safe.
class random_source {
 public:
  virtual ~random_source() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

/// The kernel's generator (getrandom(2)): unpredictable, thread-safe. Aborts if the kernel refuses, which Linux does not
/// do once booted.
[[nodiscard]] random_source& system_random() noexcept;

/// splitmix64: reproducible, for tests and for choosing among equals. Never for ids. Not thread-safe.
class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  [[nodiscard]] std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

/// Uniform in [0, 1).
[[nodiscard]] double unit(random_source& random);

}  // namespace music
