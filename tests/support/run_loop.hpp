#pragma once

/// Drives a coroutine under test on a real loop, for tests with real sockets.

#include <music/async/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>

namespace music::test {

namespace detail {

template <class T>
task<void> store(task<T> work, std::optional<T>& into) {
  auto value = co_await std::move(work);
  into.emplace(std::move(value));
}

}  // namespace detail

/// Runs the loop until `work` is done; what else is pending stays pending. Throws "stuck" after half a minute, and whatever
/// `work` throws.
inline void run_loop(asio::io_context& context, task<void> work) {
  constexpr std::chrono::seconds patience{30};
  bool done = false;
  std::exception_ptr thrown;
  asio::co_spawn(context.get_executor(), std::move(work), [&](std::exception_ptr failure) {
    done = true;
    thrown = failure;
  });
  const auto give_up = std::chrono::steady_clock::now() + patience;
  context.restart();
  while (!done && std::chrono::steady_clock::now() < give_up) context.run_one_until(give_up);
  if (!done) throw std::logic_error("stuck: the work did not end");
  if (thrown) std::rethrow_exception(thrown);
}

/// The same for work that yields a value.
template <class T>
T run_loop_for(asio::io_context& context, task<T> work) {
  std::optional<T> value;
  run_loop(context, detail::store(std::move(work), value));
  return std::move(*value);
}

}  // namespace music::test
