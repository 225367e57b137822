#include <music/async/deadline.hpp>
#include <music/async/task_group.hpp>
#include <music/base/log.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/assert.hpp>

namespace music {
namespace {

void report(const std::string& group, std::exception_ptr thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) return;
    log::error({group, "task", "run", "exception"}, {{"what", failure.what()}});
  } catch (const std::exception& failure) {
    log::error({group, "task", "run", "exception"}, {{"what", failure.what()}});
  }
}

}  // namespace

task_group::~task_group() { BOOST_ASSERT(running_.empty()); }

void task_group::spawn(task<void> work) {
  const auto which = running_.emplace(running_.end());
  asio::co_spawn(
      executor_, std::move(work),
      asio::bind_cancellation_slot(which->slot(), [this, which](std::exception_ptr thrown) { finished(which, thrown); }));
}

void task_group::finished(entry which, std::exception_ptr thrown) {
  report(name_, thrown);
  running_.erase(which);
  if (running_.empty() && idle_) idle_->set();
}

void task_group::cancel() {
  for (auto which = running_.begin(); which != running_.end();) {
    auto& signal = *which++;  // emitting may end the task and erase its entry
    signal.emit(asio::cancellation_type::terminal);
  }
}

task<bool> task_group::drain(clock& clock, time_point until) {
  if (running_.empty()) co_return true;
  idle_ = std::make_unique<event>(executor_);
  const bool timed_out = co_await sleep_unless(clock, until, idle_.get());
  idle_.reset();
  co_return !timed_out || running_.empty();
}

}  // namespace music
