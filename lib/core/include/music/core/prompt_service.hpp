#pragma once

/// The driving port of the prompt generator on its own, for POST /skills/chatgpt-prompt-generator.

#include <music/async/event.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/core/ports.hpp>

namespace music {

/// Writes a prompt for whoever asks, without a job: it is not durable, and asking twice writes it twice. One for each shard,
/// used on its thread only.
class prompt_service {
 public:
  virtual ~prompt_service() = default;

  /// The prompt, within the service's own time limit. `stop` (may be null) must outlive the call and ends it with `canceled`.
  /// Errors: `queue_full` (too many at once), those of `prompt_writer::write`, `deadline_exceeded`, `canceled`.
  [[nodiscard]] virtual task<result<written_prompt>> write(prompt_request request, event* stop) = 0;
};

}  // namespace music
