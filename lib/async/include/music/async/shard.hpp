#pragma once

/// One event loop on one thread.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <thread>

namespace music {

/// A thread, its io_context and its clock. A request, its job and its upstream calls stay on one shard, so nothing inside
/// one needs a lock. Owned by the composition root; `join` before destroying what its tasks use.
class shard {
 public:
  explicit shard(std::size_t index);
  ~shard();
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] executor get_executor() noexcept { return context_.get_executor(); }
  [[nodiscard]] music::clock& clock() noexcept { return *clock_; }

  void start();

  /// Runs `function` on the shard's thread. Thread-safe.
  void post(std::function<void()> function);

  /// Lets the loop end once nothing is left to do. Thread-safe.
  void release() { work_.reset(); }

  /// Ends the loop at once, dropping what is under way. Thread-safe.
  void stop() { context_.stop(); }

  void join();

 private:
  void run();

  std::size_t index_;
  asio::io_context context_{1};
  asio::executor_work_guard<executor> work_;
  std::unique_ptr<music::clock> clock_;
  std::thread thread_;
};

/// How many shards "0" means: one for each core that the process may use (CPU affinity mask).
[[nodiscard]] std::size_t usable_cores() noexcept;

}  // namespace music
