#pragma once

/// Drives a coroutine under test on a real loop, for tests with real sockets.

#include <music/async/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace music::test {

namespace detail {

template <class T>
task<void> store(task<T> work, std::optional<T>& into) {
  auto value = co_await std::move(work);
  into.emplace(std::move(value));
}

}  // namespace detail

/// Runs the loop until all of `work` is done, side by side; what else is pending stays pending. Throws "stuck" after half a
/// minute, and what `work` throws.
inline void run_loop(asio::io_context& context, std::vector<task<void>> work) {
  constexpr std::chrono::seconds patience{30};
  auto running = work.size();
  std::exception_ptr thrown;
  for (auto& each : work) {
    asio::co_spawn(context.get_executor(), std::move(each), [&](std::exception_ptr failure) {
      --running;
      if (failure) thrown = failure;
    });
  }
  const auto give_up = std::chrono::steady_clock::now() + patience;
  context.restart();
  while (running > 0 && std::chrono::steady_clock::now() < give_up) context.run_one_until(give_up);
  if (running > 0) throw std::logic_error("stuck: the work did not end");
  if (thrown) std::rethrow_exception(thrown);
}

inline void run_loop(asio::io_context& context, task<void> work) {
  std::vector<task<void>> only;
  only.push_back(std::move(work));
  run_loop(context, std::move(only));
}

/// The same for work that yields a value.
template <class T>
T run_loop_for(asio::io_context& context, task<T> work) {
  std::optional<T> value;
  run_loop(context, detail::store(std::move(work), value));
  return std::move(*value);
}

}  // namespace music::test
