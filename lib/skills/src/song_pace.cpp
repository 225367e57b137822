#include <music/skills/song_pace.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace music {
namespace {

constexpr double poll_price = 0.06;      ///< seconds of lateness that one poll is worth
constexpr double scan_step = 0.1;        ///< seconds
constexpr double least_deviation = 0.05; ///< songs that all took the same time will not do so for ever
constexpr double prior_weight = 4;       ///< how many songs the first guess counts as
constexpr double latest_deviations = 3;  ///< of a thousand songs one takes longer than this
constexpr double overdue_share = 0.1;    ///< the gap of a song beyond that, as a share of how late it is

double seconds_of(std::chrono::milliseconds span) { return std::max(0.001, static_cast<double>(span.count()) / 1000); }

}  // namespace

void song_pace::learn(milliseconds not_yet, milliseconds complete) {
  const auto halfway = not_yet + (complete - not_yet) / 2;
  logs_[learned_++ % remembered] = std::log(seconds_of(halfway));
  refit();
}

void song_pace::refit() {
  const auto count = std::min(learned_, remembered);
  const auto known = static_cast<double>(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += logs_[i];
  // The guess fades as songs are learned: its mean at once, because it may be far off, its spread more slowly.
  fit_.mean = sum / known;
  double squares = prior_weight * unknown_song.deviation * unknown_song.deviation;
  for (std::size_t i = 0; i < count; ++i) squares += (logs_[i] - fit_.mean) * (logs_[i] - fit_.mean);
  fit_.deviation = std::max(least_deviation, std::sqrt(squares / (known + prior_weight)));
}

double song_pace::hazard(double age_seconds) const {
  const double z = (std::log(age_seconds) - fit_.mean) / fit_.deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi) / (fit_.deviation * age_seconds);
  const double surviving = std::erfc(z / std::numbers::sqrt2) / 2;
  // Far beyond every song that was learned both vanish; their ratio tends to z / (deviation * age).
  if (surviving < 1e-12) return z / (fit_.deviation * age_seconds);
  return density / surviving;
}

song_pace::milliseconds song_pace::gap(milliseconds age) const {
  const double now = seconds_of(age);
  const double longest = seconds_of(longest_gap);
  // What is later than all before it follows no law that was learned: the later, the less likely that it comes just now.
  const double overdue = now - std::exp(fit_.mean + latest_deviations * fit_.deviation);
  double gap = std::min(longest, std::max(seconds_of(least_), overdue * overdue_share));
  // The hazard of where the gap ends counts: a young song's is zero, and must not put the first poll past the rise.
  while (gap < longest && gap * gap * hazard(now + gap) < 2 * poll_price) gap += scan_step;
  return milliseconds{static_cast<milliseconds::rep>(std::min(gap, longest) * 1000)};
}

song_pace::milliseconds song_pace::typical() const {
  return milliseconds{static_cast<milliseconds::rep>(std::exp(fit_.mean) * 1000)};
}

}  // namespace music
