#include "master_level.hpp"

#include "master_meter.hpp"

#include <algorithm>
#include <cmath>

namespace music::local {
namespace {

constexpr double window = 2.0;      // seconds, to each side, over which the level is averaged
constexpr double share = 0.4;       // of what a passage lacks that is given to it
constexpr double most_db = 4.0;
constexpr double silence = 1e-7;    // mean square, -70 dB: rather no gain than noise

/// Mean square of each block.
std::vector<double> block_powers(const mix_buffer& mix) {
  std::vector<double> powers(mix.blocks());
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const stereo_block block = mix.block(i);
    double sum = 0;
    for (std::size_t k = 0; k < block_frames; ++k) sum += block.left[k] * block.left[k] + block.right[k] * block.right[k];
    powers[i] = sum / (2 * block_frames);
  }
  return powers;
}

/// The mean over `reach` blocks to each side; shorter at the ends.
std::vector<double> smoothed(const std::vector<double>& values, std::size_t reach) {
  std::vector<double> sums(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i + 1] = sums[i] + values[i];
  std::vector<double> means(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t from = i - std::min(i, reach);
    const std::size_t to = std::min(values.size(), i + reach + 1);
    means[i] = (sums[to] - sums[from]) / static_cast<double>(to - from);
  }
  return means;
}

/// The power that a tenth of the piece exceeds: its full passages.
double full_power(std::vector<double> powers) {
  const auto place = powers.begin() + static_cast<std::ptrdiff_t>(powers.size() * 9 / 10);
  std::nth_element(powers.begin(), place, powers.end());
  return *place;
}

}  // namespace

std::vector<float> level_ride(const mix_buffer& mix, double rate) {
  if (mix.blocks() == 0) return {};
  const auto reach = static_cast<std::size_t>(window * rate / block_frames);
  std::vector<double> powers = smoothed(block_powers(mix), reach);
  const double full = full_power(powers);
  for (double& power : powers) {
    const double lacking = power > silence ? 10 * std::log10(full / power) : 0.0;
    power = std::clamp(share * lacking, 0.0, most_db);
  }
  const std::vector<double> gains_db = smoothed(powers, reach / 2);
  std::vector<float> gains;
  gains.reserve(hops_per_block * gains_db.size());
  for (const double db : gains_db) gains.insert(gains.end(), hops_per_block, static_cast<float>(gain_of_db(db)));
  return gains;
}

}  // namespace music::local
