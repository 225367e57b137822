#include <music/base/random.hpp>
#include <music/skills/song_pace.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>

using namespace music;
using namespace std::chrono_literals;

namespace {

/// A log-normal time: `median` seconds, `deviation` of the logarithm.
double song_seconds(random_source& random, double median, double deviation) {
  const double radius = std::sqrt(-2 * std::log(1 - unit(random)));
  return median * std::exp(deviation * radius * std::cos(2 * std::numbers::pi * unit(random)));
}

std::chrono::milliseconds ms(double seconds) { return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)}; }

struct cost {
  double polls = 0;
  double lateness = 0;
};

/// Polls a song with the pace until it is found complete, and learns from it.
cost follow(song_pace& pace, double complete_at) {
  cost of;
  double last = 0;
  double now = 0;
  while (now < complete_at) {
    last = now;
    now += static_cast<double>(pace.gap(ms(now)).count()) / 1000;
    ++of.polls;
  }
  pace.learn(ms(last), ms(now));
  of.lateness = now - complete_at;
  return of;
}

}  // namespace

TEST_CASE("learned gaps halve the lateness of equal gaps at the same number of polls") {
  const auto median = GENERATE(20.0, 60.0, 150.0);
  seeded_random random{7};
  song_pace pace{500ms};
  for (int i = 0; i < 64; ++i) follow(pace, song_seconds(random, median, 0.25));
  cost total;
  double whole_time = 0;
  constexpr int songs = 2'000;
  for (int i = 0; i < songs; ++i) {
    const auto complete_at = song_seconds(random, median, 0.25);
    const auto one = follow(pace, complete_at);
    total.polls += one.polls;
    total.lateness += one.lateness;
    whole_time += complete_at;
  }

  const double equal_gap = whole_time / total.polls;  // equal gaps with as many polls are late by half of one
  CAPTURE(median, total.polls / songs, total.lateness / songs, equal_gap / 2);
  CHECK(total.lateness / songs < 0.55 * equal_gap / 2);
}

TEST_CASE("gaps are long while no song can be ready, short when most are, and long again behind") {
  song_pace pace{500ms};
  seeded_random random{3};
  for (int i = 0; i < 64; ++i) follow(pace, song_seconds(random, 60, 0.2));

  CHECK(pace.gap(0ms) >= 10s);
  CHECK(pace.gap(60s) <= 3s);
  CHECK(pace.gap(60s) >= 500ms);
  CHECK(pace.gap(600s) > pace.gap(60s));
  CHECK(pace.gap(24h) <= song_pace::longest_gap);
  CHECK(pace.typical() > 50s);
  CHECK(pace.typical() < 70s);
}

TEST_CASE("a pace follows a provider that becomes faster") {
  song_pace pace{500ms};
  seeded_random random{5};
  for (int i = 0; i < 200; ++i) follow(pace, song_seconds(random, 120, 0.2));
  for (int i = 0; i < 64; ++i) follow(pace, song_seconds(random, 10, 0.2));

  CHECK(pace.typical() < 12s);
  CHECK(follow(pace, 10).lateness < 2);
}

TEST_CASE("songs that take no time at all do not make polls without a pause") {
  song_pace pace{500ms};
  for (int i = 0; i < 64; ++i) pace.learn(0ms, 0ms);
  CHECK(pace.gap(0ms) >= 500ms);
  CHECK(pace.gap(1s) >= 500ms);
}
