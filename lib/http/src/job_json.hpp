#pragma once

/// Jobs as clients see them: the contract's JSON, and the answers that carry it.

#include <music/base/json_writer.hpp>
#include <music/core/job.hpp>
#include <music/core/job_service.hpp>

#include <string>
#include <string_view>

namespace music::http {

/// Appends the job's JSON. Links begin with `base_url`, which has no final slash. Private fields (owner, audio keys,
/// private error details) have no way into it.
void append_job(std::string& out, const job& job, std::string_view base_url);

/// Appends the member `plan` with what the plan has; nothing for an empty one.
void append_plan(json_writer& json, const song_plan& plan);

/// `{"data":[...],"next_cursor":...,"has_more":...}`
[[nodiscard]] std::string render_page(const job_page& page, std::string_view base_url);

/// The version in quotes: a strong entity tag.
[[nodiscard]] std::string etag_of(const job& job);

/// Cursors are opaque to clients: what an id has after its prefix.
[[nodiscard]] std::string to_cursor(const job_id& id);
[[nodiscard]] std::optional<job_id> parse_cursor(std::string_view text);

/// How many seconds a poller should let pass while the job has not ended.
inline constexpr unsigned poll_again_after = 2;

}  // namespace music::http
