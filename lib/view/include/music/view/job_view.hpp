#pragma once

/// Jobs as clients see them: the contract's JSON and its sentences, the same in an answer, an event and a webhook.

#include <music/base/error.hpp>
#include <music/base/json_writer.hpp>
#include <music/core/job.hpp>

#include <string>
#include <string_view>

namespace music {

/// Appends the job's JSON. Links begin with `base_url`, which has no final slash. Private fields (owner, audio keys,
/// private error details) have no way into it.
void append_job(std::string& out, const job& job, std::string_view base_url);

/// Appends the member `plan` with what the plan has; nothing for an empty one.
void append_plan(json_writer& json, const song_plan& plan);

/// The sentence beside `error_type` inside a job: of a step, and of the job as a whole.
[[nodiscard]] std::string_view message_for(errc code) noexcept;
[[nodiscard]] std::string_view message_for(failure_kind kind) noexcept;

}  // namespace music
