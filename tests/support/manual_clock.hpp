#pragma once

/// Time that a test owns: nothing passes by itself.

#include <music/async/clock.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace music::test {

/// Starts at an arbitrary fixed instant. Waits end in the order of their deadlines, and among equals in the order in which
/// they began. Single-threaded: belongs to the test's io_context.
class manual_clock final : public clock {
 public:
  explicit manual_clock(executor ex) : executor_(ex) {}

  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] wall_time wall_now() const noexcept override;

  /// Jumps to the earliest deadline that somebody waits for and wakes all that are due. False if nobody waits.
  bool advance_to_next();

  /// Jumps by `span`, waking what falls due on the way, all at once.
  void advance(std::chrono::milliseconds span);

  [[nodiscard]] std::size_t waiting() const noexcept { return waits_.size(); }

 private:
  using key = std::pair<time_point, std::uint64_t>;

  void start_wait(time_point until, wait_handler handler) override;
  void finish(key which, boost::system::error_code result);
  void wake_due();

  executor executor_;
  time_point now_{std::chrono::hours{1}};
  std::uint64_t next_ = 0;
  std::map<key, wait_handler> waits_;
};

}  // namespace music::test
