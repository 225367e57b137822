#include "retry_policy.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::webhooks;
using namespace std::chrono_literals;
using kind = verdict::kind;

namespace {

kind judged(webhook_format format, std::optional<int> status, int attempts = 1) {
  seeded_random random{1};
  return judge(format, {.status = status}, attempts, random).what;
}

}  // namespace

TEST_CASE("only 2xx is delivered, and 410 ends it") {
  for (const auto format : {webhook_format::standard, webhook_format::openclaw}) {
    for (const int status : {200, 201, 202, 204, 299}) CHECK(judged(format, status) == kind::delivered);
    CHECK(judged(format, 410) == kind::gone);
  }
}

TEST_CASE("a receiver of Standard Webhooks is tried again whatever else it says") {
  const auto status =
      GENERATE(std::optional<int>{}, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504);

  CHECK(judged(webhook_format::standard, status) == kind::again);
}

TEST_CASE("OpenClaw is tried again on 408, 429, 5xx and silence only") {
  const auto again = GENERATE(std::optional<int>{}, 408, 429, 500, 502, 503, 504);
  CHECK(judged(webhook_format::openclaw, again) == kind::again);

  const int final = GENERATE(301, 302, 400, 401, 403, 404, 405, 409, 413);
  CHECK(judged(webhook_format::openclaw, final) == kind::dead);
}

TEST_CASE("waits grow over hours, each within its jitter, and the eighth attempt is the last") {
  const std::vector<std::chrono::milliseconds> schedule{5s, 1min, 5min, 30min, 2h, 5h, 10h};
  seeded_random random{7};

  for (std::size_t i = 0; i < schedule.size(); ++i) {
    for (int repeated = 0; repeated < 100; ++repeated) {
      const auto decided = judge(webhook_format::standard, {.status = 500}, static_cast<int>(i) + 1, random);
      CHECK(decided.what == kind::again);
      CHECK(decided.wait >= schedule[i] * 85 / 100 - 1ms);
      CHECK(decided.wait <= schedule[i] * 115 / 100 + 1ms);
    }
  }
  CHECK(judged(webhook_format::standard, 500, 8) == kind::dead);
}

TEST_CASE("a receiver that asks for more patience gets it, one that asks for less does not shorten it") {
  seeded_random random{1};

  CHECK(judge(webhook_format::standard, {.status = 429, .retry_after = 1h}, 1, random).wait == 1h);
  CHECK(judge(webhook_format::openclaw, {.status = 503, .retry_after = 1s}, 2, random).wait > 50s);
}

TEST_CASE("what can never be sent is dead at once") {
  seeded_random random{1};

  CHECK(judge(webhook_format::standard, {.never_possible = true}, 1, random).what == kind::dead);
}
