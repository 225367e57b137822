#include "manual_clock.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace music::test {

wall_time manual_clock::wall_now() const noexcept {
  // 2026-02-15T10:30:45.123Z, the design document's example, at the clock's start
  constexpr wall_time start{std::chrono::milliseconds{1'771'151'445'123}};
  return start + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - time_point{std::chrono::hours{1}});
}

bool manual_clock::advance_to_next() {
  if (waits_.empty()) return false;
  now_ = std::max(now_, waits_.begin()->first.first);
  wake_due();
  return true;
}

void manual_clock::advance(std::chrono::milliseconds span) {
  now_ += span;
  wake_due();
}

void manual_clock::wake_due() {
  while (!waits_.empty() && waits_.begin()->first.first <= now_) finish(waits_.begin()->first, {});
}

void manual_clock::start_wait(time_point until, wait_handler handler) {
  const key which{until, next_++};
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([this, which](asio::cancellation_type) { finish(which, asio::error::operation_aborted); });
  }
  waits_.emplace(which, std::move(handler));
  if (until <= now_) finish(which, {});
}

void manual_clock::finish(key which, boost::system::error_code result) {
  const auto found = waits_.find(which);
  if (found == waits_.end()) return;
  auto handler = std::move(found->second);
  waits_.erase(found);
  asio::get_associated_cancellation_slot(handler).clear();
  asio::post(executor_, [handler = std::move(handler), result]() mutable { std::move(handler)(result); });
}

}  // namespace music::test
