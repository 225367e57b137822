#include <music/async/event.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace music {

void event::set() {
  set_ = true;
  while (!waiters_.empty()) finish(waiters_.begin()->first, {});
}

void event::start_wait(wait_handler handler) {
  const auto waiter = next_waiter_++;
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([this, waiter](asio::cancellation_type) { finish(waiter, asio::error::operation_aborted); });
  }
  waiters_.emplace(waiter, std::move(handler));
  if (set_) finish(waiter, {});
}

void event::finish(std::uint64_t waiter, boost::system::error_code result) {
  const auto found = waiters_.find(waiter);
  if (found == waiters_.end()) return;
  auto handler = std::move(found->second);
  waiters_.erase(found);
  asio::get_associated_cancellation_slot(handler).clear();
  asio::post(executor_, [handler = std::move(handler), result]() mutable { std::move(handler)(result); });
}

}  // namespace music
