#include "log_capture.hpp"
#include "run_virtual.hpp"

#include <music/async/task_group.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

namespace {

task<void> finish_after(music::clock& clock, std::chrono::milliseconds delay, int& finished) {
  co_await clock.sleep_until(clock.now() + delay, use_task);
  ++finished;
}

task<void> throw_at_once() {
  throw std::runtime_error("surprise");
  co_return;
}

struct fixture {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  task_group group{context.get_executor(), "test"};
};

}  // namespace

TEST_CASE_METHOD(fixture, "draining waits until the last task has finished") {
  int finished = 0;
  group.spawn(finish_after(clock, 1s, finished));
  group.spawn(finish_after(clock, 3s, finished));

  const bool empty = test::run_virtual_for(context, clock, group.drain(clock, clock.now() + 10s));

  CHECK(empty);
  CHECK(finished == 2);
}

TEST_CASE_METHOD(fixture, "draining gives up at its deadline") {
  int finished = 0;
  group.spawn(finish_after(clock, 60s, finished));

  const bool empty = test::run_virtual_for(context, clock, group.drain(clock, clock.now() + 10s));

  CHECK_FALSE(empty);
  CHECK(group.size() == 1);
  group.cancel();
  context.restart();
  context.poll();
}

TEST_CASE_METHOD(fixture, "cancelling unwinds every task") {
  int finished = 0;
  group.spawn(finish_after(clock, 60s, finished));
  group.spawn(finish_after(clock, 60s, finished));
  context.poll();

  group.cancel();
  context.restart();
  context.poll();

  CHECK(group.size() == 0);
  CHECK(finished == 0);
}

TEST_CASE_METHOD(fixture, "what a task throws is logged and harms nobody else") {
  test::log_capture capture;
  int finished = 0;
  group.spawn(throw_at_once());
  group.spawn(finish_after(clock, 1s, finished));

  test::run_virtual_for(context, clock, group.drain(clock, clock.now() + 10s));

  CHECK(finished == 1);
  CHECK(capture.text().find("surprise") != std::string::npos);
}
