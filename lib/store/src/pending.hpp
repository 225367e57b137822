#pragma once

/// A request that waits in another thread's queue while its coroutine sleeps.

#include <music/async/task.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace music {

/// Base of queued requests. The queue's thread fills in the answer and hands the request to `complete_all`; only the
/// awaiting shard touches the handler, so it needs no lock: whichever of "done" and "cancelled" comes first takes it. A
/// request that was abandoned is still carried out and its answer dropped. Until then it keeps the shard's loop running, so
/// that nobody posts to a loop that is gone.
class pending {
 public:
  using completion = asio::any_completion_handler<void(boost::system::error_code)>;

  pending() = default;
  virtual ~pending() = default;
  pending(const pending&) = delete;
  pending& operator=(const pending&) = delete;

  /// Remembers who waits. On the awaiting shard, before the request is queued.
  static void arm(const std::shared_ptr<pending>& self, executor awaiting, completion then);

  /// The queue's thread is done with it: wakes whoever still waits. On the awaiting shard.
  void answered();

  /// The shard's loop was destroyed before it could wake anybody: ends the coroutine where it waits. It holds the request, so
  /// it would never end by itself.
  void drop() noexcept;

  [[nodiscard]] const executor& awaiting() const noexcept { return *awaiting_; }

 private:
  void finish(boost::system::error_code how);

  std::optional<executor> awaiting_;
  std::optional<asio::executor_work_guard<executor>> work_;
  std::optional<completion> then_;
};

/// Wakes everybody, with one post for each shard that waits. Any thread.
void complete_all(std::vector<std::shared_ptr<pending>> answered);

}  // namespace music
