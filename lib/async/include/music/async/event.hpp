#pragma once

/// A flag that tasks of one shard can wait for.

#include <music/async/task.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <map>

namespace music {

/// Set at most once and never cleared. Belongs to one shard: only its thread may touch it. Must outlive its waiters.
class event {
 public:
  using wait_handler = asio::any_completion_handler<void(boost::system::error_code)>;

  explicit event(executor ex) : executor_(ex) {}
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  /// Wakes everybody who waits; later waits complete at once.
  void set();
  [[nodiscard]] bool is_set() const noexcept { return set_; }

  /// Completes with success once set, or with operation_aborted when cancelled.
  template <class Token>
  auto wait(Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code)>(
        [](auto handler, event* self) { self->start_wait(wait_handler{std::move(handler)}); }, token, this);
  }

 private:
  void start_wait(wait_handler handler);
  void finish(std::uint64_t waiter, boost::system::error_code result);

  executor executor_;
  bool set_ = false;
  std::uint64_t next_waiter_ = 0;
  std::map<std::uint64_t, wait_handler> waiters_;
};

}  // namespace music
