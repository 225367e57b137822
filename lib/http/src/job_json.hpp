#pragma once

/// Lists of jobs, and what answers say about one beside its JSON.

#include <music/base/json_writer.hpp>
#include <music/core/job.hpp>
#include <music/core/job_service.hpp>
#include <music/view/job_view.hpp>

#include <string>
#include <string_view>

namespace music::http {

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
