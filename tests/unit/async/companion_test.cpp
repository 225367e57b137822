#include "manual_clock.hpp"
#include "run_virtual.hpp"

#include <music/async/companion.hpp>
#include <music/async/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  int companions_ended = 0;

  bool run(task<bool> operation, task<void> companion) {
    return run_virtual_for(context, clock, run_beside(std::move(operation), std::move(companion)));
  }

  task<bool> after(std::chrono::milliseconds span, bool outcome) {
    co_await clock.sleep_until(clock.now() + span, use_task);
    co_return outcome;
  }

  task<bool> throwing_after(std::chrono::milliseconds span) {
    co_await clock.sleep_until(clock.now() + span, use_task);
    throw std::runtime_error("the operation broke");
  }

  task<void> beside(std::chrono::milliseconds span) {
    struct counted {
      int& count;
      ~counted() { ++count; }
    } on_exit{companions_ended};
    co_await clock.sleep_until(clock.now() + span, use_task);
  }

  task<void> throwing_beside() {
    throw std::runtime_error("the companion broke");
    co_return;
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "the companion ends with the operation") {
  const auto began = clock.now();

  CHECK(run(after(3s, true), beside(1h)));

  CHECK(clock.now() - began == 3s);
  CHECK(companions_ended == 1);
}

TEST_CASE_METHOD(fixture, "a companion that ends first changes nothing") {
  const auto began = clock.now();

  CHECK_FALSE(run(after(3s, false), beside(1s)));
  CHECK(run(after(3s, true), throwing_beside()));

  CHECK(clock.now() - began == 6s);
  CHECK(companions_ended == 1);
}

TEST_CASE_METHOD(fixture, "what the operation throws comes through after the companion has ended") {
  CHECK_THROWS_WITH(run(throwing_after(1s), beside(1h)), "the operation broke");
  CHECK(companions_ended == 1);
}

TEST_CASE_METHOD(fixture, "cancelling ends both") {
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(
      context, run_beside(after(1h, true), beside(1h)),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown, bool) { ended = thrown != nullptr; }));
  context.poll();

  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.poll();

  CHECK(ended);
  CHECK(companions_ended == 1);
  CHECK(clock.waiting() == 0);
}
