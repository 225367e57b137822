#include "master_meter.hpp"

#include <algorithm>
#include <limits>

namespace music::local {

void loudness_meter::state_deleter::operator()(ebur128_state* state) const noexcept { ebur128_destroy(&state); }

result<loudness_meter> loudness_meter::create(double rate, mode what) {
  const int bits = what == mode::loudness ? EBUR128_MODE_I : EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK;
  ebur128_state* state = ebur128_init(2, static_cast<unsigned long>(rate), bits);
  if (state == nullptr) return error{errc::internal, "ebur128_init failed"};
  return loudness_meter{state};
}

result<void> loudness_meter::add(const stereo_block& block, std::size_t frames) {
  std::array<float, 2 * block_frames> interleaved;
  for (std::size_t i = 0; i < frames; ++i) {
    interleaved[2 * i] = block.left[i];
    interleaved[2 * i + 1] = block.right[i];
  }
  const int outcome = ebur128_add_frames_float(state_.get(), interleaved.data(), frames);
  if (outcome != EBUR128_SUCCESS) return error{errc::internal, "ebur128_add_frames_float failed"};
  return {};
}

double loudness_meter::integrated() const noexcept {
  double lufs = 0;
  const bool known = ebur128_loudness_global(state_.get(), &lufs) == EBUR128_SUCCESS;
  return known ? lufs : -std::numeric_limits<double>::infinity();
}

double loudness_meter::true_peak() const noexcept {
  double left = 0;
  double right = 0;
  ebur128_true_peak(state_.get(), 0, &left);
  ebur128_true_peak(state_.get(), 1, &right);
  return db_of_gain(std::max(left, right));
}

true_peak_follower::true_peak_follower() {
  constexpr double half = static_cast<double>(taps) / 2;
  for (std::size_t phase = 0; phase < phases; ++phase) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const double x = static_cast<double>(tap) - half + static_cast<double>(phase) / phases;
      const double sinc = x == 0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * x / (half + 0.5));  // Hann
      filter_[phase][tap] = static_cast<float>(sinc * window);
    }
  }
}

float true_peak_follower::peak_of(const float* newest) const noexcept {
  float peak = 0;
  for (const auto& phase : filter_) {
    float sum = 0;
    for (std::size_t tap = 0; tap < taps; ++tap) sum += phase[tap] * newest[-static_cast<std::ptrdiff_t>(tap)];
    peak = std::max(peak, std::abs(sum));
  }
  return peak;
}

std::array<float, hops_per_block> true_peak_follower::follow(const stereo_block& block) noexcept {
  std::copy(block.left.begin(), block.left.end(), left_.begin() + taps - 1);
  std::copy(block.right.begin(), block.right.end(), right_.begin() + taps - 1);
  std::array<float, hops_per_block> peaks{};
  for (std::size_t i = 0; i < block_frames; ++i) {
    float& peak = peaks[i / hop_frames];
    peak = std::max({peak, peak_of(&left_[taps - 1 + i]), peak_of(&right_[taps - 1 + i])});
  }
  std::copy(left_.end() - (taps - 1), left_.end(), left_.begin());
  std::copy(right_.end() - (taps - 1), right_.end(), right_.begin());
  return peaks;
}

}  // namespace music::local
