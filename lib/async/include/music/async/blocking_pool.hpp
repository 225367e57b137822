#pragma once

/// Where blocking work goes: database, files, name look-up, rendering.

#include <music/async/task.hpp>

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

namespace music {

/// A few threads that run plain functions and hand the result back to the shard that awaits it. Thread-safe. Destruction
/// waits for work that has begun. One pool for each kind of work, so that a slow name look-up never holds up the database.
class blocking_pool {
 public:
  explicit blocking_pool(std::size_t threads) : pool_(threads) {}
  ~blocking_pool() { join(); }
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;

  /// Runs `work` on the pool; what it throws is thrown here. Cancelling the await returns at once and abandons the
  /// result: it does NOT stop the work, so `work` must own all it uses.
  template <class Work>
  [[nodiscard]] task<std::invoke_result_t<Work>> run(Work work) {
    using value_type = std::invoke_result_t<Work>;
    auto value = std::make_shared<std::optional<value_type>>();
    std::function<void()> storing = [value, work = std::move(work)]() mutable { value->emplace(work()); };
    co_await execute(std::move(storing));
    co_return std::move(**value);
  }

  void join() { pool_.join(); }

 private:
  [[nodiscard]] task<void> execute(std::function<void()> work);

  asio::thread_pool pool_;
};

}  // namespace music
