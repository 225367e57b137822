#pragma once

/// Owner of tasks that run by themselves.

#include <music/async/clock.hpp>
#include <music/async/event.hpp>
#include <music/async/task.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <list>
#include <memory>
#include <string>

namespace music {

/// Every task that nobody awaits lives in a group: it is owned, cancelled, drained, and what it throws is logged.
/// One for each shard and purpose; only the shard's thread may use it. Must be drained before it is destroyed.
class task_group {
 public:
  /// `name` says in the log whose tasks these are.
  task_group(executor ex, std::string name) : executor_(ex), name_(std::move(name)) {}
  ~task_group();
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  void spawn(task<void> work);

  /// Asks every task to unwind (terminal cancellation). Does not wait.
  void cancel();

  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

  /// Waits until no task runs, at most until `until`. True if the group is empty.
  [[nodiscard]] task<bool> drain(clock& clock, time_point until);

 private:
  using entry = std::list<asio::cancellation_signal>::iterator;
  void finished(entry which, std::exception_ptr thrown);

  executor executor_;
  std::string name_;
  std::list<asio::cancellation_signal> running_;
  std::unique_ptr<event> idle_;
};

}  // namespace music
