#include <music/async/deadline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

namespace music {
namespace {

using asio::experimental::make_parallel_group;
using asio::experimental::wait_for_one;

guard_outcome judge(std::exception_ptr thrown, std::size_t first, boost::system::error_code timer,
                    boost::system::error_code stop) {
  if (!thrown) return guard_outcome::finished;
  if (first == 1 && !timer) return guard_outcome::deadline;
  if (first == 2 && !stop) return guard_outcome::stopped;
  std::rethrow_exception(thrown);
}

}  // namespace

task<guard_outcome> run_guarded(clock& clock, time_point deadline, event* stop, task<void> operation) {
  const auto ex = co_await asio::this_coro::executor;
  if (stop == nullptr) {
    auto race = make_parallel_group(asio::co_spawn(ex, std::move(operation), asio::deferred),
                                    clock.sleep_until(deadline, asio::deferred));
    const auto [order, thrown, timer] = co_await race.async_wait(wait_for_one(), use_task);
    co_return judge(thrown, order[0], timer, {});
  }
  auto race = make_parallel_group(asio::co_spawn(ex, std::move(operation), asio::deferred),
                                  clock.sleep_until(deadline, asio::deferred), stop->wait(asio::deferred));
  const auto [order, thrown, timer, stopped] = co_await race.async_wait(wait_for_one(), use_task);
  co_return judge(thrown, order[0], timer, stopped);
}

task<bool> sleep_unless(clock& clock, time_point until, event* stop) {
  if (stop == nullptr) {
    co_await clock.sleep_until(until, use_task);
    co_return true;
  }
  auto race = make_parallel_group(clock.sleep_until(until, asio::deferred), stop->wait(asio::deferred));
  const auto [order, timer, stopped] = co_await race.async_wait(wait_for_one(), use_task);
  // Neither came true: the task itself was cancelled, which is not for the caller to read as a stop.
  if (timer && stopped) throw boost::system::system_error{asio::error::operation_aborted};
  co_return !timer;
}

}  // namespace music
