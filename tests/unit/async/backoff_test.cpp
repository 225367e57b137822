#include <music/async/backoff.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

TEST_CASE("a delay is a share of a window that doubles up to the cap") {
  seeded_random random{1};
  const backoff wait{.first = 100ms, .cap = 1000ms};

  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto window = std::min<std::chrono::milliseconds>(1000ms, 100ms * (1 << attempt));
    for (int i = 0; i < 200; ++i) {
      const auto delay = wait.delay(attempt, random);
      REQUIRE(delay >= 0ms);
      REQUIRE(delay < window);
    }
  }
}

TEST_CASE("jitter is full: both halves of the window are used") {
  seeded_random random{2};
  const backoff wait{.first = 1000ms, .cap = 1000ms};
  int early = 0;

  for (int i = 0; i < 1000; ++i) early += wait.delay(0, random) < 500ms ? 1 : 0;

  CHECK(early > 400);
  CHECK(early < 600);
}

TEST_CASE("an upstream's Retry-After wins when it is longer") {
  seeded_random random{3};
  const backoff wait{.first = 100ms, .cap = 100ms};

  CHECK(wait.delay(0, random, 7s) == 7000ms);
  CHECK(wait.delay(0, random, 0s) < 100ms);
}

TEST_CASE("any number of attempts stays at the cap") {
  seeded_random random{4};
  const backoff wait{};

  CHECK(wait.delay(1'000'000, random) < wait.cap);
}
