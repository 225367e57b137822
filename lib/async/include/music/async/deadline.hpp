#pragma once

/// Running something until a point in time, or until somebody asks to stop.

#include <music/async/clock.hpp>
#include <music/async/event.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>

#include <optional>
#include <utility>

namespace music {

enum class guard_outcome : std::uint8_t { finished, deadline, stopped };

/// Runs `operation` and cancels it (terminal) when `deadline` comes or `stop` is set; `stop` may be null. Waits for the
/// operation to unwind, so it must react to cancellation promptly. What finished in the same turn as the deadline counts
/// as finished: a paid answer is never thrown away (`timer || call` lost it 200 times of 200, measured 2026-11).
/// Exceptions of the operation come through, except the cancellation that this function itself caused.
[[nodiscard]] task<guard_outcome> run_guarded(clock& clock, time_point deadline, event* stop, task<void> operation);

namespace detail {

template <class T>
task<void> store_result(task<T> operation, std::optional<T>& into) {
  auto value = co_await std::move(operation);
  into.emplace(std::move(value));
}

}  // namespace detail

/// `run_guarded` for operations that give a result: `deadline_exceeded` when the time came first, `canceled` when the
/// stop did. The deadline is a point, so it is passed down unchanged and never renewed.
template <class T>
[[nodiscard]] task<result<T>> with_deadline(clock& clock, time_point deadline, task<result<T>> operation, event* stop = nullptr) {
  std::optional<result<T>> finished;
  auto guarded = detail::store_result(std::move(operation), finished);
  const auto outcome = co_await run_guarded(clock, deadline, stop, std::move(guarded));
  if (finished) co_return std::move(*finished);
  if (outcome == guard_outcome::stopped) co_return error{errc::canceled};
  co_return error{errc::deadline_exceeded};
}

/// Sleeps until `until`, or shorter if `stop` is set meanwhile. True if `until` came. `stop` may be null. Cancelling the task
/// unwinds it as every await does.
[[nodiscard]] task<bool> sleep_unless(clock& clock, time_point until, event* stop);

}  // namespace music
