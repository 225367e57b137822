#include "master.hpp"

#include "master_level.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace music::local {
namespace {

constexpr double close_enough_lu = 0.1;
constexpr int most_readings = 6;
constexpr double knee_db = 3;           // the limiter begins softly this far around the ceiling
constexpr double look_ahead = 0.005;    // seconds
constexpr double release = 0.12;        // seconds
constexpr double longest_fade = 1.5;    // seconds at the end; the last chord rings before it
constexpr double fade_in = 0.004;       // seconds; no click where a sample begins off zero
constexpr double silence_lufs = -70;

/// The gain that a peak needs which lies `over` dB over the ceiling: a soft knee around the ceiling, never more than the ceiling allows.
double gain_for_peak(double over) noexcept {
  if (over <= -knee_db / 2) return 1;
  if (over >= knee_db / 2) return gain_of_db(-over);
  const double into = over + knee_db / 2;
  return gain_of_db(-into * into / (2 * knee_db));
}

/// The least of each value's neighbourhood.
std::vector<float> least_around(const std::vector<float>& values, std::size_t reach) {
  std::vector<float> least(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(i - std::min(i, reach));
    const auto to = values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), i + reach + 1));
    least[i] = *std::min_element(from, to);
  }
  return least;
}

/// The mean of each value's neighbourhood, by a running sum.
std::vector<float> mean_around(const std::vector<float>& values, std::size_t reach) {
  std::vector<float> means(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(reach, values.size()); ++i) sum += values[i];
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i + reach < values.size()) sum += values[i + reach];
    if (i > reach) sum -= values[i - reach - 1];
    const std::size_t count = std::min(values.size(), i + reach + 1) - (i - std::min(i, reach));
    means[i] = static_cast<float>(sum / static_cast<double>(count));
  }
  return means;
}

}  // namespace

result<master> master::make(recorded_mix mix, render_watch& watch) {
  master made{std::move(mix)};
  made.ride_ = level_ride(made.mix_.audio, made.mix_.rate);
  if (auto found = made.find_gains(watch); !found) return found.error();
  return made;
}

result<void> master::lower_ceiling(double db, render_watch& watch) {
  ceiling_ -= db;
  return find_gains(watch);
}

result<void> master::find_gains(render_watch& watch) {
  const bool silent = mix_.lufs < silence_lufs;
  double gain_db = silent ? 0 : target_lufs - mix_.lufs;
  for (int reading = 0; reading < most_readings; ++reading) {
    limit(gain_db);
    if (auto measured = measure(loudness_meter::mode::loudness, watch); !measured) return measured;
    const double missing = target_lufs - lufs_;
    if (silent || std::abs(missing) < close_enough_lu) break;
    gain_db += missing;
  }
  return measure(loudness_meter::mode::loudness_and_true_peak, watch);
}

/// The gain of each hop stays under what the hop and its neighbours need (min, then release, then mean over no more
/// than the min's reach), so the ceiling holds also where the gain is interpolated between hops.
void master::limit(double gain_db) {
  const double gain = gain_of_db(gain_db);
  const double hop_seconds = static_cast<double>(hop_frames) / mix_.rate;
  const auto reach = static_cast<std::size_t>(look_ahead / hop_seconds);
  std::vector<float> allowed(mix_.peaks.size());
  std::transform(mix_.peaks.begin(), mix_.peaks.end(), ride_.begin(), allowed.begin(), [&](float peak, float ride) {
    const double level = gain * static_cast<double>(peak) * static_cast<double>(ride);
    return static_cast<float>(gain_for_peak(db_of_gain(std::max(1e-9, level)) - ceiling_));
  });
  allowed = least_around(allowed, reach + 2);  // one for the interpolation, one for the follower's lag

  const auto recovery = static_cast<float>(1 - std::exp(-hop_seconds / release));
  float now = 1;
  for (float& value : allowed) {
    now = std::min(value, now + (1 - now) * recovery);
    value = now;
  }
  gains_ = mean_around(allowed, reach);
  for (std::size_t i = 0; i < gains_.size(); ++i) gains_[i] *= static_cast<float>(gain) * ride_[i];
}

result<void> master::measure(loudness_meter::mode what, render_watch& watch) {
  auto meter = loudness_meter::create(mix_.rate, what);
  if (!meter) return meter.error();
  for (std::size_t i = 0; i < blocks(); ++i) {
    if (auto going_on = watch.step(i, blocks()); !going_on) return going_on.error();
    const std::size_t frames = std::min(block_frames, mix_.frames - i * block_frames);
    if (auto added = meter->add(block(i), frames); !added) return added.error();
  }
  lufs_ = meter->integrated();
  if (what == loudness_meter::mode::loudness_and_true_peak) true_peak_ = meter->true_peak();
  return {};
}

stereo_block master::block(std::size_t index) const noexcept {
  stereo_block out = mix_.audio.block(index);
  const auto last = static_cast<std::ptrdiff_t>(gains_.size()) - 1;
  for (std::size_t i = 0; i < block_frames; ++i) {
    const std::size_t frame = index * block_frames + i;
    const double position = (static_cast<double>(frame) + 0.5) / static_cast<double>(hop_frames) - 0.5;
    const double whole = std::floor(position);
    const auto before = static_cast<std::ptrdiff_t>(whole);
    const float from = gains_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(before, 0, last))];
    const float to = gains_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(before + 1, 0, last))];
    const float gain = (from + (to - from) * static_cast<float>(position - whole)) * fade_at(frame);
    out.left[i] *= gain;
    out.right[i] *= gain;
  }
  return out;
}

float master::fade_at(std::size_t frame) const noexcept {
  const double length = static_cast<double>(mix_.frames);
  const double out_frames = std::min(longest_fade * mix_.rate, length / 8);
  const double in_frames = fade_in * mix_.rate;
  const double left = length - static_cast<double>(frame);
  const double passed = static_cast<double>(frame);
  if (passed < in_frames) return static_cast<float>(passed / in_frames);
  if (left >= out_frames) return 1;
  const double curve = std::sin(std::numbers::pi / 2 * std::max(0.0, left) / out_frames);
  return static_cast<float>(curve * curve);
}

}  // namespace music::local
