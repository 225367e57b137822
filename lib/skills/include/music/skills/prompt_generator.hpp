#pragma once

/// Skill 1, the ChatGPT prompt generator: a theme becomes a music prompt.

#include <music/async/deadline.hpp>
#include <music/core/ports.hpp>
#include <music/skills/retrying.hpp>
#include <music/skills/upstream_gate.hpp>

#include <memory>

namespace music {

/// Hears that a request has come to its turn.
class prompt_listener {
 public:
  virtual ~prompt_listener() = default;

  /// Called once, before the writer is asked; the asking waits for it. False: the writer is not to be asked after all.
  [[nodiscard]] virtual task<bool> begun() = 0;
};

/// Calls the prompt writer, retries what may pass, and holds the answer to the same rules as any input. One for each shard;
/// not thread-safe. `stop` (may be null) ends the wait with `canceled`; the call under way is dropped, for a prompt costs
/// next to nothing.
class prompt_generator {
 public:
  virtual ~prompt_generator() = default;

  /// Errors: those of `prompt_writer::write`, `invalid_response` for an answer outside 10-2000 characters or with control
  /// characters, `deadline_exceeded`, `canceled` (also when `listener`, which may be null, does not want to go on).
  [[nodiscard]] virtual task<result<written_prompt>> generate(prompt_request request, time_point deadline, event* stop,
                                                              prompt_listener* listener) = 0;
};

/// The writer, clock, randomness and gate must outlive it. Without a gate nobody waits for a turn.
[[nodiscard]] std::unique_ptr<prompt_generator> create_prompt_generator(prompt_writer& writer, clock& clock,
                                                                        random_source& random, retry_policy retries = {},
                                                                        upstream_gate* gate = nullptr);

}  // namespace music
