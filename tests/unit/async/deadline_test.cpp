#include "run_virtual.hpp"

#include <music/async/deadline.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

namespace {

task<result<int>> answer_after(music::clock& clock, std::chrono::milliseconds delay, int answer) {
  co_await clock.sleep_until(clock.now() + delay, use_task);
  co_return answer;
}

task<result<int>> fails() { co_return error{errc::rate_limit}; }

task<result<int>> throws() {
  throw std::runtime_error("boom");
  co_return 0;
}

task<void> set_after(music::clock& clock, std::chrono::milliseconds delay, event& which) {
  co_await clock.sleep_until(clock.now() + delay, use_task);
  which.set();
}

struct fixture {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};

  template <class T>
  T run(task<T> work) {
    return test::run_virtual_for(context, clock, std::move(work));
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "what finishes in time is given") {
  CHECK(run(with_deadline(clock, clock.now() + 10s, answer_after(clock, 9s, 7))).value() == 7);
}

TEST_CASE_METHOD(fixture, "what is late ends as deadline_exceeded at the deadline and not later") {
  const auto started = clock.now();

  const auto outcome = run(with_deadline(clock, started + 10s, answer_after(clock, 60s, 7)));

  CHECK(outcome.error().code == errc::deadline_exceeded);
  CHECK(clock.now() == started + 10s);
  CHECK(clock.waiting() == 0);
}

TEST_CASE_METHOD(fixture, "an answer in the same turn as the deadline is kept") {
  CHECK(run(with_deadline(clock, clock.now() + 10s, answer_after(clock, 10s, 7))).value() == 7);
}

TEST_CASE_METHOD(fixture, "a failure comes through as it is") {
  CHECK(run(with_deadline(clock, clock.now() + 10s, fails())).error().code == errc::rate_limit);
}

TEST_CASE_METHOD(fixture, "an exception comes through") {
  CHECK_THROWS_WITH(run(with_deadline(clock, clock.now() + 10s, throws())), "boom");
}

TEST_CASE_METHOD(fixture, "a stop ends the wait as canceled") {
  event stop{context.get_executor()};
  asio::co_spawn(context, set_after(clock, 3s, stop), [](std::exception_ptr) {});
  const auto started = clock.now();

  const auto outcome = run(with_deadline(clock, started + 10s, answer_after(clock, 60s, 7), &stop));

  CHECK(outcome.error().code == errc::canceled);
  CHECK(clock.now() == started + 3s);
}

TEST_CASE_METHOD(fixture, "a stop that was set before ends the wait without waiting") {
  event stop{context.get_executor()};
  stop.set();
  const auto started = clock.now();

  const auto outcome = run(with_deadline(clock, started + 10s, answer_after(clock, 60s, 7), &stop));

  CHECK(outcome.error().code == errc::canceled);
  CHECK(clock.now() == started);
}

TEST_CASE_METHOD(fixture, "cancelling from outside unwinds the operation") {
  asio::cancellation_signal cancel;
  std::exception_ptr caught;
  asio::co_spawn(
      context, with_deadline(clock, clock.now() + 10s, answer_after(clock, 60s, 7)),
      asio::bind_cancellation_slot(cancel.slot(), [&caught](std::exception_ptr thrown, result<int>) { caught = thrown; }));
  context.poll();

  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.poll();

  REQUIRE(caught);
  CHECK_THROWS_AS(std::rethrow_exception(caught), boost::system::system_error);
  CHECK(clock.waiting() == 0);
}

TEST_CASE_METHOD(fixture, "a sleep ends early when it is stopped and says so") {
  event stop{context.get_executor()};
  asio::co_spawn(context, set_after(clock, 3s, stop), [](std::exception_ptr) {});

  CHECK_FALSE(run(sleep_unless(clock, clock.now() + 10s, &stop)));
  CHECK(run(sleep_unless(clock, clock.now() + 10s, nullptr)));
}

TEST_CASE_METHOD(fixture, "a sleep that is cancelled from outside unwinds and is not taken for a stop") {
  event stop{context.get_executor()};
  asio::cancellation_signal cancel;
  std::exception_ptr caught;
  asio::co_spawn(context, sleep_unless(clock, clock.now() + 10s, &stop),
                 asio::bind_cancellation_slot(cancel.slot(), [&caught](std::exception_ptr thrown, bool) { caught = thrown; }));
  context.poll();

  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.poll();

  CHECK(caught != nullptr);
}
