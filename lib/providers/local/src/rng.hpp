#pragma once

/// Seeded choices that come out the same on every machine.
///
/// The standard distributions are left to each library's taste, so none is used: a splitmix64 stream and integer
/// arithmetic only. Streams are NAMED: what the drummer draws never shifts what the melody draws, so a change in one
/// place of the composer leaves the other parts of a piece as they were.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace music::local {

/// The finalizer of splitmix64: spreads every input bit over the whole word.
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// FNV-1a over the bytes of `text`.
[[nodiscard]] constexpr std::uint64_t hash_text(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

/// One stream of choices. A value type: a copy repeats the same choices.
class rng {
 public:
  explicit constexpr rng(std::uint64_t seed) noexcept : state_{seed} {}

  constexpr std::uint64_t next() noexcept {
    const auto value = mix_bits(state_);
    state_ += 0x9e3779b97f4a7c15U;
    return value;
  }

  /// Uniform in [0, count); `count` must be positive.
  constexpr int below(int count) noexcept {
    return static_cast<int>(((next() >> 32U) * static_cast<std::uint64_t>(count)) >> 32U);
  }

  /// Uniform in [low, high], both included.
  constexpr int between(int low, int high) noexcept { return low + below(high - low + 1); }

  constexpr bool chance(int percent) noexcept { return below(100) < percent; }

  /// Bell-shaped and bounded: the mean of four uniform draws in [-spread, spread].
  constexpr int bell(int spread) noexcept {
    int sum = 0;
    for (int i = 0; i < 4; ++i) {
      sum += between(-spread, spread);
    }
    return sum / 4;
  }

  /// One element of a non-empty random-access container.
  template <typename Range>
  constexpr const auto& pick(const Range& range) noexcept {
    return range[static_cast<std::size_t>(below(static_cast<int>(range.size())))];
  }

 private:
  std::uint64_t state_;
};

/// Where the named streams of one piece come from.
class rng_source {
 public:
  explicit constexpr rng_source(std::uint64_t seed) noexcept : seed_{seed} {}

  /// The stream called `name`; `index` tells repeated uses apart (a section, a part).
  [[nodiscard]] constexpr rng stream(std::string_view name, int index = 0) const noexcept {
    return rng{mix_bits(mix_bits(seed_ ^ hash_text(name)) + static_cast<std::uint64_t>(index))};
  }

 private:
  std::uint64_t seed_;
};

}  // namespace music::local
