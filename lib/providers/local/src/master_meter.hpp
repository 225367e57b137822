#pragma once

/// Meters: loudness after ITU-R BS.1770-4 (libebur128) and the true peak between the samples.

#include "dsp.hpp"

#include <music/base/error.hpp>

#include <ebur128.h>

#include <array>
#include <memory>
#include <vector>

namespace music::local {

/// Gated integrated loudness of a stereo signal. Owner: one pass over it. Not thread-safe.
class loudness_meter {
 public:
  enum class mode { loudness, loudness_and_true_peak };

  /// Error: `internal`, out of memory.
  [[nodiscard]] static result<loudness_meter> create(double rate, mode what = mode::loudness);

  /// Error: `internal`, out of memory.
  [[nodiscard]] result<void> add(const stereo_block& block, std::size_t frames = block_frames);

  /// LUFS; minus infinity for silence.
  [[nodiscard]] double integrated() const noexcept;

  /// dBTP of the louder channel; to be asked in mode `loudness_and_true_peak` only.
  [[nodiscard]] double true_peak() const noexcept;

 private:
  struct state_deleter {
    void operator()(ebur128_state* state) const noexcept;
  };
  explicit loudness_meter(ebur128_state* state) : state_(state) {}

  std::unique_ptr<ebur128_state, state_deleter> state_;
};

/// Hops of a block: the grid of the limiter's gain, 0.7 ms at 44.1 kHz.
inline constexpr std::size_t hops_per_block = 2;
inline constexpr std::size_t hop_frames = block_frames / hops_per_block;

/// The largest sample of each hop, also between the samples, by four-fold oversampling. Lags by six frames.
class true_peak_follower {
 public:
  true_peak_follower();

  [[nodiscard]] std::array<float, hops_per_block> follow(const stereo_block& block) noexcept;

 private:
  static constexpr std::size_t taps = 12;
  static constexpr std::size_t phases = 4;
  using history = std::array<float, taps - 1 + block_frames>;

  [[nodiscard]] float peak_of(const float* newest) const noexcept;

  std::array<std::array<float, taps>, phases> filter_{};
  history left_{}, right_{};
};

}  // namespace music::local
