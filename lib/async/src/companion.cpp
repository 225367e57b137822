#include <music/async/companion.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>

namespace music {
namespace {

/// What the end of one of the two means for the other; only the operation's end comes with a value.
struct ends_with_the_operation {
  asio::cancellation_type operator()(std::exception_ptr) const noexcept { return asio::cancellation_type::none; }
  asio::cancellation_type operator()(std::exception_ptr, bool) const noexcept { return asio::cancellation_type::terminal; }
};

}  // namespace

task<bool> run_beside(task<bool> operation, task<void> companion) {
  const auto ex = co_await asio::this_coro::executor;
  auto both = asio::experimental::make_parallel_group(asio::co_spawn(ex, std::move(operation), asio::deferred),
                                                      asio::co_spawn(ex, std::move(companion), asio::deferred));
  const auto [order, thrown, outcome, lost] = co_await both.async_wait(ends_with_the_operation{}, use_task);
  if (thrown) std::rethrow_exception(thrown);
  co_return outcome;
}

}  // namespace music
