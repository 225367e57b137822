#include <music/async/shard.hpp>
#include <music/base/log.hpp>

#include <boost/asio/post.hpp>

#include <sched.h>

namespace music {

shard::shard(std::size_t index)
    : index_(index), work_(asio::make_work_guard(context_)), clock_(create_system_clock(context_.get_executor())) {}

shard::~shard() {
  stop();
  join();
}

void shard::start() {
  thread_ = std::thread{[this] { run(); }};
}

void shard::post(std::function<void()> function) { asio::post(context_, std::move(function)); }

void shard::join() {
  if (thread_.joinable()) thread_.join();
}

void shard::run() {
  // Beast 1.81 can throw out of the loop on hostile input (std::length_error on a 64 KiB field); our buffers are bounded
  // so that it does not, and this is the last resort that keeps the process serving.
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& failure) {
      log::error({"shard", "event_loop", "run", "exception"}, {{"shard", index_}, {"what", failure.what()}});
    }
  }
}

std::size_t usable_cores() noexcept {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  const int count = CPU_COUNT(&allowed);
  return count > 0 ? static_cast<std::size_t>(count) : 1;
}

}  // namespace music
