#pragma once

/// Something that goes on beside an operation for as long as that takes.

#include <music/async/task.hpp>

namespace music {

/// Runs both at once. When `operation` has ended, `companion` is cancelled (terminal), so it must react to that promptly, and
/// its end is awaited; when `companion` ends first, nothing changes. The outcome is the operation's, exceptions too; what
/// the companion throws is its own business and lost. Cancelling the task cancels both.
[[nodiscard]] task<bool> run_beside(task<bool> operation, task<void> companion);

}  // namespace music
