#pragma once

/// Small building blocks of the renderer's signal path: blocks of stereo samples, filters, decibels, seeded noise.
///
/// Everything here works on 44.1 kHz or any other rate: frequencies are in Hz, times in seconds. Not thread-safe;
/// each render owns its own.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace music::local {

/// Frames in one block: FluidSynth's own block, so that an event moves by at most 1.5 ms and a stop request is seen soon.
inline constexpr std::size_t block_frames = 64;

/// One block of stereo samples, full scale at +-1.
struct stereo_block {
  std::array<float, block_frames> left{};
  std::array<float, block_frames> right{};
};

[[nodiscard]] inline double gain_of_db(double db) noexcept { return std::pow(10.0, db / 20.0); }
[[nodiscard]] inline double db_of_gain(double gain) noexcept { return 20.0 * std::log10(gain); }

/// Adds `source` times `gain` to `target`.
inline void add(stereo_block& target, const stereo_block& source, float gain = 1.0F) noexcept {
  for (std::size_t i = 0; i < block_frames; ++i) {
    target.left[i] += gain * source.left[i];
    target.right[i] += gain * source.right[i];
  }
}

/// A second-order filter after the bilinear transform (R. Bristow-Johnson's cookbook), transposed direct form II.
/// State in double, so that 20 Hz at 44.1 kHz neither drifts nor leaves a DC remainder.
class biquad {
 public:
  static constexpr double butterworth_q = std::numbers::sqrt2 / 2;

  /// Passes everything unchanged.
  biquad() = default;

  [[nodiscard]] static biquad high_pass(double hz, double rate, double q = butterworth_q) noexcept;
  [[nodiscard]] static biquad low_pass(double hz, double rate, double q = butterworth_q) noexcept;
  [[nodiscard]] static biquad high_shelf(double hz, double gain_db, double rate) noexcept;

  [[nodiscard]] float operator()(float input) noexcept {
    const double output = b0_ * input + z1_;
    z1_ = b1_ * input - a1_ * output + z2_;
    z2_ = b2_ * input - a2_ * output;
    return static_cast<float>(output);
  }

 private:
  biquad(double b0, double b1, double b2, double a0, double a1, double a2) noexcept
      : b0_(b0 / a0), b1_(b1 / a0), b2_(b2 / a0), a1_(a1 / a0), a2_(a2 / a0) {}

  double b0_ = 1, b1_ = 0, b2_ = 0, a1_ = 0, a2_ = 0;
  double z1_ = 0, z2_ = 0;
};

/// The same filter on both channels.
class stereo_filter {
 public:
  stereo_filter() = default;
  explicit stereo_filter(const biquad& shape) noexcept : left_(shape), right_(shape) {}

  void process(stereo_block& block) noexcept {
    for (std::size_t i = 0; i < block_frames; ++i) {
      block.left[i] = left_(block.left[i]);
      block.right[i] = right_(block.right[i]);
    }
  }

 private:
  biquad left_, right_;
};

/// Seeded noise (splitmix64): the same on every machine, unlike the distributions of <random>.
class noise_source {
 public:
  explicit noise_source(std::uint64_t seed) noexcept : state_(seed) {}

  /// Evenly spread over [0, 1).
  [[nodiscard]] double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }

  /// Evenly spread over [-1, 1).
  [[nodiscard]] float bipolar() noexcept { return static_cast<float>(2.0 * uniform() - 1.0); }

 private:
  [[nodiscard]] std::uint64_t next() noexcept;

  std::uint64_t state_;
};

}  // namespace music::local
