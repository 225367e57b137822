#include "run_virtual.hpp"

#include <music/async/clock.hpp>
#include <music/async/event.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

TEST_CASE("the grid rounds up, never down, and by less than a step") {
  const time_point base{5s};

  CHECK(on_grid(base) == base);
  CHECK(on_grid(base + 1ns) == base + 10ms);
  CHECK(on_grid(base + 10ms) == base + 10ms);
  CHECK(on_grid(base + 10ms + 1ns) == base + 20ms);
}

TEST_CASE("the real clock ends a wait that is already due") {
  asio::io_context context{1};
  const auto clock = create_system_clock(context.get_executor());
  bool ended = false;

  clock->sleep_until(clock->now() - 1s, [&ended](boost::system::error_code ec) { ended = !ec; });
  context.run();

  CHECK(ended);
}

TEST_CASE("waits on the manual clock end in order and nothing passes by itself") {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  std::vector<int> order;
  const auto note = [&order](int which) { return [&order, which](boost::system::error_code) { order.push_back(which); }; };

  clock.sleep_until(clock.now() + 2s, note(2));
  clock.sleep_until(clock.now() + 1s, note(1));
  clock.sleep_until(clock.now() + 2s, note(3));
  context.poll();
  CHECK(order.empty());
  while (clock.advance_to_next()) {
    context.restart();
    context.poll();
  }

  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("work that waits for nothing that is due is reported as stuck") {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  event never{context.get_executor()};

  const auto waits_for_ever = [](event& that) -> task<void> { co_await that.wait(use_task); };

  CHECK_THROWS_WITH(test::run_virtual(context, clock, waits_for_ever(never)), Catch::Contains("stuck"));
  never.set();
  context.restart();
  context.poll();
}
