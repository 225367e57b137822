#include "dsp.hpp"

namespace music::local {
namespace {

struct angle {
  double cosine;
  double alpha;
};

angle angle_of(double hz, double rate, double q) noexcept {
  const double omega = 2 * std::numbers::pi * hz / rate;
  return {.cosine = std::cos(omega), .alpha = std::sin(omega) / (2 * q)};
}

}  // namespace

biquad biquad::high_pass(double hz, double rate, double q) noexcept {
  const auto [c, alpha] = angle_of(hz, rate, q);
  return {(1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha};
}

biquad biquad::low_pass(double hz, double rate, double q) noexcept {
  const auto [c, alpha] = angle_of(hz, rate, q);
  return {(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha};
}

biquad biquad::high_shelf(double hz, double gain_db, double rate) noexcept {
  const auto [c, alpha] = angle_of(hz, rate, butterworth_q);
  const double a = std::pow(10.0, gain_db / 40.0);
  const double slope = 2 * std::sqrt(a) * alpha;
  return {a * ((a + 1) + (a - 1) * c + slope), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - slope),
          (a + 1) - (a - 1) * c + slope,       2 * ((a - 1) - (a + 1) * c),      (a + 1) - (a - 1) * c - slope};
}

std::uint64_t noise_source::next() noexcept {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace music::local
