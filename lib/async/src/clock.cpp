#include <music/async/clock.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/consign.hpp>

namespace music {
namespace {

using timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;

class system_clock final : public clock {
 public:
  explicit system_clock(executor ex) : executor_(ex) {}

  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  wall_time wall_now() const noexcept override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

 private:
  void start_wait(time_point until, wait_handler handler) override {
    auto waiting = std::make_unique<timer>(executor_, until);
    auto& started = *waiting;
    started.async_wait(asio::consign(std::move(handler), std::move(waiting)));
  }

  executor executor_;
};

}  // namespace

std::unique_ptr<clock> create_system_clock(executor ex) { return std::make_unique<system_clock>(ex); }

time_point on_grid(time_point until) noexcept {
  constexpr std::chrono::steady_clock::duration grid = std::chrono::milliseconds{10};
  const auto since_start = until.time_since_epoch();
  return time_point{(since_start + grid - std::chrono::steady_clock::duration{1}) / grid * grid};
}

task<void> sleep_until(clock& clock, time_point until) { co_await clock.sleep_until(until, use_task); }

}  // namespace music
