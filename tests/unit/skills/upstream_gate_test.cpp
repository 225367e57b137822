// Whose turn it is at an upstream, and how long the others wait.

#include "catch_result.hpp"
#include "manual_clock.hpp"
#include "run_virtual.hpp"

#include <music/skills/upstream_gate.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};
constexpr wall_time age(int seconds) { return wall_time{std::chrono::seconds{seconds}}; }

std::vector<gate_state::ticket> all_admitted(gate_state& gate, time_point now) {
  std::vector<gate_state::ticket> admitted;
  while (const auto who = gate.admit(now)) admitted.push_back(*who);
  return admitted;
}

/// Jobs that take a turn, hold it for a while and note when they had it.
struct line {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  upstream_gate gate;
  std::vector<std::string> served;
  std::vector<std::chrono::milliseconds> served_after;
  time_point began = clock.now();
  std::size_t at_once = 0;
  std::size_t most_at_once = 0;

  explicit line(gate_limits limits) : gate(limits) {}

  task<void> job(std::string caller, int born, std::chrono::milliseconds holds) {
    turn_request who{caller, age(born), false};
    auto mine = co_await gate.enter(std::move(who), clock, began + 10min, nullptr);
    REQUIRE(mine.has_value());
    served.push_back(caller + std::to_string(born));
    served_after.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - began));
    most_at_once = std::max(most_at_once, ++at_once);
    co_await clock.sleep_until(clock.now() + holds, use_task);
    --at_once;
  }

  void spawn(const std::string& caller, int born, std::chrono::milliseconds holds = 1s) {
    asio::co_spawn(context.get_executor(), job(caller, born, holds), asio::detached);
  }

  void run() {
    do {
      context.restart();
      context.poll();
    } while (clock.advance_to_next());
  }

  result<turn> enter(turn_request who, std::chrono::milliseconds patience, event* stop = nullptr) {
    return run_virtual_for(context, clock, gate.enter(std::move(who), clock, clock.now() + patience, stop));
  }
};

}  // namespace

TEST_CASE("a gate without limits lets everybody in") {
  gate_state gate{{}};
  for (int i = 0; i < 100; ++i) static_cast<void>(gate.arrive("a", age(i)));
  CHECK(all_admitted(gate, start).size() == 100);
}

TEST_CASE("no more hold a turn than may, and of one caller the oldest job is next") {
  gate_state gate{{.most_at_once = 2}};
  const auto young = gate.arrive("a", age(30));
  const auto old = gate.arrive("a", age(10));
  const auto middle = gate.arrive("a", age(20));

  CHECK(all_admitted(gate, start) == std::vector{old, middle});
  gate.release("a", true);
  CHECK(all_admitted(gate, start) == std::vector{young});
}

TEST_CASE("a caller with many jobs does not keep the others waiting") {
  gate_state gate{{.most_at_once = 1}};
  std::vector<gate_state::ticket> busy;
  for (int i = 0; i < 50; ++i) busy.push_back(gate.arrive("busy", age(i)));
  const auto late = gate.arrive("late", age(100));

  CHECK(gate.admit(start) == busy[0]);
  gate.release("busy", true);
  CHECK(gate.admit(start) == late);
  gate.release("late", true);
  CHECK(gate.admit(start) == busy[1]);
}

TEST_CASE("who leaves the line is not admitted") {
  gate_state gate{{.most_at_once = 1}};
  const auto first = gate.arrive("a", age(1));
  const auto second = gate.arrive("a", age(2));
  gate.leave(first);
  CHECK(gate.admit(start) == second);
  CHECK(gate.waiting() == 0);
  gate.leave(second);  // admitted already
  CHECK(gate.at_once() == 1);
}

TEST_CASE("a bucket gives its burst at once and then one token after another") {
  gate_state gate{{.burst = 3, .per = 30s}};
  for (int i = 0; i < 6; ++i) static_cast<void>(gate.arrive("a", age(i)));

  CHECK(all_admitted(gate, start).size() == 3);
  const auto next = gate.next_chance(start);
  REQUIRE(next);
  CHECK(*next > start + 9'990ms);
  CHECK(*next <= start + 10'010ms);
  CHECK(all_admitted(gate, start + 9s).empty());
  CHECK(all_admitted(gate, *next).size() == 1);
  CHECK(all_admitted(gate, start + 10min).size() == 2);
}

TEST_CASE("failures in a row open the circuit, one probe at a time closes or prolongs it") {
  gate_state gate{{.failures_to_open = 3, .pause = 10s, .longest_pause = 40s}};
  gate.failed(start);
  gate.failed(start);
  gate.succeeded();
  gate.failed(start);
  gate.failed(start);
  CHECK_FALSE(gate.open(start));
  gate.failed(start);
  REQUIRE(gate.open(start));

  static_cast<void>(gate.arrive("a", age(1)));
  static_cast<void>(gate.arrive("a", age(2)));
  CHECK(all_admitted(gate, start + 9s).empty());
  CHECK(gate.next_chance(start) == start + 10s);
  CHECK(all_admitted(gate, start + 10s).size() == 1);  // the probe; the other one waits for what comes of it
  gate.failed(start + 11s);
  gate.release("a", true);
  CHECK(gate.open(start + 30s));
  CHECK_FALSE(gate.open(start + 31s));  // twice as long
  CHECK(all_admitted(gate, start + 31s).size() == 1);
  gate.succeeded();
  CHECK_FALSE(gate.open(start + 31s));
}

TEST_CASE("a probe that was not used gives way to the next") {
  gate_state gate{{.failures_to_open = 1, .pause = 10s}};
  gate.failed(start);
  static_cast<void>(gate.arrive("a", age(1)));
  static_cast<void>(gate.arrive("a", age(2)));
  REQUIRE(all_admitted(gate, start + 10s).size() == 1);
  gate.release("a", false);
  CHECK(all_admitted(gate, start + 10s).size() == 1);
}

TEST_CASE("an upstream that comes back is believed at once, and one that stays away is asked ever more seldom") {
  gate_state gate{{.failures_to_open = 1, .pause = 10s, .longest_pause = 40s}};
  auto now = start;
  std::vector<std::chrono::seconds> pauses;
  for (int i = 0; i < 5; ++i) {
    gate.failed(now);
    const auto failed_at = now;
    while (gate.open(now)) now += 1s;
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - failed_at));
  }
  CHECK(pauses == std::vector<std::chrono::seconds>{10s, 20s, 40s, 40s, 40s});
}

TEST_CASE("jobs wait for their turn and all get it, at most two at once") {
  line jobs{{.most_at_once = 2}};
  for (int i = 0; i < 6; ++i) jobs.spawn(i % 2 == 0 ? "a" : "b", i);

  jobs.run();

  CHECK(jobs.served == std::vector<std::string>{"a0", "b1", "a2", "b3", "a4", "b5"});
  CHECK(jobs.most_at_once == 2);
}

TEST_CASE("jobs that wait for tokens are let in when these come, and nobody wakes for nothing") {
  line jobs{{.burst = 1, .per = 10s}};
  for (int i = 0; i < 4; ++i) jobs.spawn("a", i, 1ms);

  jobs.run();

  REQUIRE(jobs.served == std::vector<std::string>{"a0", "a1", "a2", "a3"});
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(jobs.served_after[i] >= 10s * i);
    CHECK(jobs.served_after[i] <= 10s * i + 50ms);
  }
}

TEST_CASE("waiting ends at the deadline and at a stop, and leaves no place behind") {
  line jobs{{.most_at_once = 1}};
  auto held = jobs.enter({"a", age(1), false}, 1s);
  REQUIRE(held.has_value());

  CHECK(jobs.enter({"a", age(2), false}, 5s).error().code == errc::deadline_exceeded);
  event stop{jobs.context.get_executor()};
  stop.set();
  CHECK(jobs.enter({"a", age(3), false}, 5s, &stop).error().code == errc::canceled);

  held->give_back();
  CHECK(jobs.enter({"a", age(4), false}, 1s).has_value());
}

TEST_CASE("an open circuit is told to who may go elsewhere, and waited out by who may not") {
  line jobs{{.failures_to_open = 1, .pause = 10s}};
  auto first = jobs.enter({"a", age(1), false}, 1s);
  REQUIRE(first.has_value());
  first->settle(false, jobs.clock.now());
  first->give_back();

  CHECK(jobs.enter({"a", age(2), true}, 1min).error().code == errc::unsupported);
  const auto asked = jobs.clock.now();
  auto probe = jobs.enter({"a", age(3), false}, 1min);
  REQUIRE(probe.has_value());
  CHECK(jobs.clock.now() - asked == 10s);
  probe->settle(true, jobs.clock.now());
  CHECK(jobs.enter({"a", age(4), true}, 1min).has_value());
}

TEST_CASE("a turn that is moved is given back once") {
  line jobs{{.most_at_once = 1}};
  {
    auto first = jobs.enter({"a", age(1), false}, 1s);
    REQUIRE(first.has_value());
    turn second = std::move(*first);
    turn third;
    third = std::move(second);
    CHECK(jobs.enter({"b", age(1), false}, 1s).error().code == errc::deadline_exceeded);
  }
  CHECK(jobs.enter({"b", age(1), false}, 1s).has_value());
}
