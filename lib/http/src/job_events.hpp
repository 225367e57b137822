#pragma once

/// A job's changes as server-sent events (WHATWG HTML, 9.2).

#include "response.hpp"

#include <music/async/clock.hpp>
#include <music/async/event.hpp>
#include <music/core/job_service.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music::http {

/// A comment goes out when nothing else has for so long: proxies cut silent connections.
inline constexpr std::chrono::seconds heartbeat{15};

/// The event's name for a job that was shown as `before` and is now `after`: `done`, `track`, `status` or `progress`.
[[nodiscard]] std::string_view kind_of_change(const job& before, const job& after) noexcept;

/// One frame: the event's name, the version as its id, the whole job as its data.
void append_event(std::string& out, std::string_view kind, const job& job, std::string_view base_url);

/// What a stream of events works with. Everything must outlive the stream.
struct event_source {
  job_service& jobs;
  music::clock& clock;
  std::string_view base_url;
  event& hurry;  ///< set: the client has gone, or the server drains
};

/// The stream begins with a snapshot, or after `last_seen` (the id of the last event that the client has) with what has come
/// since. Changes that come faster than the client reads are told as one, so nothing is ever queued. It ends after `done`,
/// when the job is erased, when the store is away, and on `hurry`: the client comes again with the last id.
[[nodiscard]] std::unique_ptr<body_stream> stream_events(job_ptr now, caller by, std::optional<std::uint64_t> last_seen,
                                                         const event_source& source);

}  // namespace music::http
