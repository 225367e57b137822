#include <music/base/time.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

namespace {

constexpr wall_time example{std::chrono::milliseconds{1'771'151'445'123}};

}  // namespace

TEST_CASE("times are written as RFC 3339 with milliseconds and read back") {
  CHECK(to_rfc3339(example) == "2026-02-15T10:30:45.123Z");
  CHECK(to_rfc3339(wall_time{}) == "1970-01-01T00:00:00.000Z");
  CHECK(parse_rfc3339("2026-02-15T10:30:45.123Z") == example);
}

TEST_CASE("what is not such a time is refused") {
  const auto bad = GENERATE(as<std::string>{}, "", "2026-02-15T10:30:45Z", "2026-02-30T10:30:45.123Z", "2026-02-15T24:30:45.123Z",
                            "2026-02-15 10:30:45.123Z", "2026-02-15T10:30:45.123+");

  CHECK_FALSE(parse_rfc3339(bad));
}

TEST_CASE("HTTP dates have the fixed form of RFC 9110") {
  CHECK(to_http_date(wall_time{784'111'777s}) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("durations are seconds unless they say otherwise") {
  CHECK(parse_duration("90").value() == 90s);
  CHECK(parse_duration("90s").value() == 90s);
  CHECK(parse_duration("15m").value() == 15min);
  CHECK(parse_duration("24h").value() == 24h);
  CHECK(parse_duration("0").value() == 0s);
}

TEST_CASE("what is not a duration is refused") {
  const auto bad = GENERATE(as<std::string>{}, "", "s", "-1", "1.5s", "15 m", "1w", "99999999999999999999", "9999999h");

  CHECK(parse_duration(bad).has_error());
}

TEST_CASE("Retry-After is read in seconds and in all three date forms") {
  const wall_time now{784'111'777s};

  CHECK(parse_retry_after("7", now) == 7s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:57 GMT", now) == 20s);
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:57 GMT", now) == 20s);
  CHECK(parse_retry_after("Sun Nov  6 08:49:57 1994", now) == 20s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0s);
}

TEST_CASE("a hostile Retry-After cannot park a job") {
  CHECK(parse_retry_after("1000000000", example) == 24h);
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", example) == 24h);
  CHECK_FALSE(parse_retry_after("-1", example));
  CHECK_FALSE(parse_retry_after("soon", example));
  CHECK_FALSE(parse_retry_after("", example));
}
