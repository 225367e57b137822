#pragma once

/// Skill 1 for callers from outside: the prompt generator behind its driving port.

#include <music/core/prompt_service.hpp>
#include <music/skills/prompt_generator.hpp>

#include <chrono>
#include <memory>

namespace music {

struct prompt_desk_options {
  std::chrono::seconds time_limit{60};  ///< of one prompt, tries and pauses included
  std::size_t most_at_once = 64;        ///< prompts under way; one more is `queue_full`
};

/// The generator and the clock must outlive it.
[[nodiscard]] std::unique_ptr<prompt_service> create_prompt_desk(prompt_generator& prompts, clock& clock,
                                                                 prompt_desk_options options = {});

}  // namespace music
