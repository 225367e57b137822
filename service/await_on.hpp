#pragma once

/// From a thread that has no event loop to the shards, and back.

#include <music/async/shard.hpp>
#include <music/async/task.hpp>

#include <boost/asio/co_spawn.hpp>

#include <future>
#include <memory>
#include <utility>

namespace music::service {

/// Starts a task on a shard.
template <class T>
std::future<T> begin_on(shard& on, task<T> work) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  asio::co_spawn(on.get_executor(), std::move(work), [promise](std::exception_ptr thrown, T value) {
    thrown ? promise->set_exception(thrown) : promise->set_value(std::move(value));
  });
  return future;
}

/// Runs a task on a shard, which must run, and waits for it on this thread.
template <class T>
T await_on(shard& on, task<T> work) {
  return begin_on(on, std::move(work)).get();
}

}  // namespace music::service
