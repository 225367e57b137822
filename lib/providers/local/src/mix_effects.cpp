#include "mix_effects.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace music::local {

kick_ducker::kick_ducker(std::vector<double> kicks, double depth, double recovery)
    : kicks_(std::move(kicks)), depth_(std::clamp(depth, 0.0, 1.0)), recovery_(recovery) {}

float kick_ducker::amount_at(double seconds) noexcept {
  constexpr double attack = 0.008;  // reached just as the kick sounds; faster would click
  while (next_ < kicks_.size() && kicks_[next_] <= seconds) ++next_;
  const double before = next_ < kicks_.size() ? kicks_[next_] - seconds : recovery_;
  const double since = next_ > 0 ? seconds - kicks_[next_ - 1] : recovery_;
  const double rising = before < attack ? 1 - before / attack : 0.0;
  const double left = std::max(0.0, 1 - since / recovery_);
  return static_cast<float>(depth_ * std::max(rising, left * left * (3 - 2 * left)));
}

widener::widener(double delay_seconds, float amount, double rate)
    : delayed_(static_cast<std::size_t>(std::max(1.0, delay_seconds * rate))),
      amount_(amount),
      high_pass_(biquad::high_pass(280, rate)) {}

void widener::process(stereo_block& block) noexcept {
  for (std::size_t i = 0; i < block_frames; ++i) {
    const float spread = amount_ * delayed_[at_];
    delayed_[at_] = high_pass_(0.5F * (block.left[i] + block.right[i]));
    at_ = at_ + 1 == delayed_.size() ? 0 : at_ + 1;
    block.left[i] += spread;
    block.right[i] -= spread;
  }
}

namespace {

constexpr double slow_hz = 0.47;
constexpr double fast_hz = 1.31;
constexpr double guard_frames = 4;  // so that the interpolation never reads what is not written yet

/// The swing of a delay, in frames, that detunes by at most `cents` when it moves at `hz`.
double depth_for(double cents, double hz, double rate) noexcept {
  const double ratio = std::exp2(cents / 1200) - 1;
  return rate * ratio / (2 * std::numbers::pi * hz);
}

}  // namespace

tape_wow::tape_wow(double cents, double rate)
    : rate_(rate), slow_depth_(depth_for(0.7 * cents, slow_hz, rate)), fast_depth_(depth_for(0.3 * cents, fast_hz, rate)) {
  const auto length = static_cast<std::size_t>(2 * (slow_depth_ + fast_depth_) + 2 * guard_frames) + block_frames;
  left_.resize(length);
  right_.resize(length);
}

float tape_wow::read(const std::vector<float>& line, double position) noexcept {
  const auto length = static_cast<std::int64_t>(line.size());
  const auto whole = static_cast<std::int64_t>(std::floor(position));
  const auto t = static_cast<float>(position - std::floor(position));
  const auto at = [&](std::int64_t i) { return line[static_cast<std::size_t>((i % length + length) % length)]; };
  const float a = at(whole - 1), b = at(whole), c = at(whole + 1), d = at(whole + 2);
  return b + 0.5F * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));  // Catmull-Rom
}

void tape_wow::process(stereo_block& block) noexcept {
  for (std::size_t i = 0; i < block_frames; ++i, ++frame_) {
    const auto slot = static_cast<std::size_t>(frame_ % left_.size());
    left_[slot] = block.left[i];
    right_[slot] = block.right[i];
    const double angle = 2 * std::numbers::pi * static_cast<double>(frame_) / rate_;
    const double delay =
        guard_frames + slow_depth_ * (1 + std::sin(slow_hz * angle)) + fast_depth_ * (1 + std::sin(fast_hz * angle));
    const double position = static_cast<double>(frame_) - delay;
    block.left[i] = read(left_, position);
    block.right[i] = read(right_, position);
  }
}

vinyl_surface::vinyl_surface(double amount, std::uint64_t seed, double rate)
    : noise_(seed ^ 0x76696E796CU),
      hiss_(static_cast<float>(gain_of_db(-56) * amount)),
      crackle_(static_cast<float>(gain_of_db(-24) * amount)),
      crackle_chance_(9.0 / rate),
      decay_(static_cast<float>(std::exp(-1.0 / (0.0009 * rate)))),
      hiss_colour_(biquad::low_pass(5000, rate, 0.5)),
      crackle_colour_(biquad::high_pass(900, rate)) {}

void vinyl_surface::add_to(stereo_block& block) noexcept {
  stereo_block hiss;
  stereo_block crackles;
  for (std::size_t i = 0; i < block_frames; ++i) {
    if (noise_.uniform() < crackle_chance_) {
      const double size = noise_.uniform();
      level_ = crackle_ * static_cast<float>(size * size * size);  // many faint ones, few loud ones
      side_ = 0.5F * noise_.bipolar();
    }
    hiss.left[i] = hiss_ * noise_.bipolar();
    hiss.right[i] = hiss_ * noise_.bipolar();
    const float click = level_ * noise_.bipolar();
    crackles.left[i] = click * (1 - side_);
    crackles.right[i] = click * (1 + side_);
    level_ *= decay_;
  }
  hiss_colour_.process(hiss);
  crackle_colour_.process(crackles);
  add(block, hiss);
  add(block, crackles);
}

}  // namespace music::local
