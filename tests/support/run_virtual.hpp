#pragma once

/// Drives a coroutine under test on virtual time: minutes of polling in microseconds.

#include "manual_clock.hpp"

#include <music/async/deadline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>

namespace music::test {

/// Runs until `work` is done: polls until idle, then jumps to the next deadline. When nothing is due and the work is not
/// done, a wake-up was lost: throws "stuck". Never mix with real sockets or threads. Rethrows what `work` throws.
inline void run_virtual(asio::io_context& context, manual_clock& clock, task<void> work) {
  struct outcome {
    bool done = false;
    std::exception_ptr thrown;
  };
  // Shared, because work that is stuck outlives this call.
  auto ended = std::make_shared<outcome>();
  asio::co_spawn(context.get_executor(), std::move(work), [ended](std::exception_ptr failure) { *ended = {true, failure}; });
  for (;;) {
    context.restart();
    context.poll();
    if (ended->done) break;
    if (!clock.advance_to_next()) throw std::logic_error("stuck: the work is not done and nothing is due");
  }
  context.restart();
  context.poll();
  if (ended->thrown) std::rethrow_exception(ended->thrown);
}

/// The same for work that yields a value.
template <class T>
T run_virtual_for(asio::io_context& context, manual_clock& clock, task<T> work) {
  std::optional<T> value;
  run_virtual(context, clock, music::detail::store_result(std::move(work), value));
  return std::move(*value);
}

}  // namespace music::test
