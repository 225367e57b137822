#include <music/async/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

using namespace music;

TEST_CASE("everybody who waits is woken, and later waits end at once") {
  asio::io_context context{1};
  event which{context.get_executor()};
  int woken = 0;
  const auto count = [&woken](boost::system::error_code ec) { woken += ec ? 0 : 1; };

  which.wait(count);
  which.wait(count);
  context.poll();
  CHECK(woken == 0);
  which.set();
  which.wait(count);
  context.restart();
  context.poll();

  CHECK(woken == 3);
}

TEST_CASE("a wait that is cancelled before the event ends with operation_aborted") {
  asio::io_context context{1};
  event which{context.get_executor()};
  asio::cancellation_signal cancel;
  boost::system::error_code outcome;

  which.wait(asio::bind_cancellation_slot(cancel.slot(), [&outcome](boost::system::error_code ec) { outcome = ec; }));
  cancel.emit(asio::cancellation_type::terminal);
  which.set();
  context.poll();

  CHECK(outcome == asio::error::operation_aborted);
}

TEST_CASE("a wait that is cancelled after the event in the same turn still ends with success") {
  asio::io_context context{1};
  event which{context.get_executor()};
  asio::cancellation_signal cancel;
  int successes = 0;

  which.wait(
      asio::bind_cancellation_slot(cancel.slot(), [&successes](boost::system::error_code ec) { successes += ec ? 0 : 1; }));
  which.set();
  cancel.emit(asio::cancellation_type::terminal);
  context.poll();

  CHECK(successes == 1);
}
