#include <music/async/blocking_pool.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace music;

namespace {

task<void> run_on(blocking_pool& pool, std::function<int()> work, int& out) { out = co_await pool.run(std::move(work)); }

}  // namespace

TEST_CASE("work runs on another thread and its result comes back to the loop") {
  asio::io_context context{1};
  blocking_pool pool{1};
  std::thread::id worker;
  int answer = 0;

  asio::co_spawn(context,
                 run_on(
                     pool,
                     [&worker] {
                       worker = std::this_thread::get_id();
                       return 42;
                     },
                     answer),
                 [](std::exception_ptr thrown) { CHECK_FALSE(thrown); });
  context.run();

  CHECK(answer == 42);
  CHECK(worker != std::this_thread::get_id());
}

TEST_CASE("what the work throws is thrown where it is awaited") {
  asio::io_context context{1};
  blocking_pool pool{1};
  int answer = 0;
  std::exception_ptr caught;

  asio::co_spawn(context,
                 run_on(
                     pool, []() -> int { throw std::runtime_error("disk"); }, answer),
                 [&caught](std::exception_ptr thrown) { caught = thrown; });
  context.run();

  REQUIRE(caught);
  CHECK_THROWS_WITH(std::rethrow_exception(caught), "disk");
}

TEST_CASE("a cancelled wait returns while the work is still running") {
  asio::io_context context{1};
  blocking_pool pool{1};
  std::promise<void> release;
  auto released = release.get_future().share();
  asio::cancellation_signal cancel;
  int answer = 0;
  bool ended = false;

  asio::co_spawn(context,
                 run_on(
                     pool,
                     [released] {
                       released.wait();
                       return 1;
                     },
                     answer),
                 asio::bind_cancellation_slot(cancel.slot(), [&ended](std::exception_ptr thrown) { ended = thrown != nullptr; }));
  context.poll();
  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.run();

  CHECK(ended);
  CHECK(answer == 0);
  release.set_value();
}
