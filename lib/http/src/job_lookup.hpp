#pragma once

/// Finding a caller's job and waiting for it: what the REST handlers and the MCP tools share.

#include <music/async/event.hpp>
#include <music/async/task.hpp>
#include <music/http/server.hpp>

#include <chrono>
#include <string_view>

namespace music::http {

/// One for each shard; not thread-safe. The ports must outlive it. A caller must outlive the call it is
/// given to.
class job_lookup {
 public:
  explicit job_lookup(const http_ports& ports) : ports_(ports) {}

  /// From memory if it is there. `id` is looked at before the first suspension only. Errors: `not_found`,
  /// `store_unavailable`.
  [[nodiscard]] task<result<job_ptr>> find(std::string_view id, const caller* by);

  /// The job once it has ended, or changed since the version that is given, or as it is after `span` or once
  /// `hurry` (may be null) is set. Errors: `not_found`, `store_unavailable`.
  [[nodiscard]] task<result<job_ptr>> wait(job_ptr job, const caller* by, wait_for what, std::chrono::seconds span, event* hurry);

  /// The same until a point in time.
  [[nodiscard]] task<result<job_ptr>> wait(job_ptr job, const caller* by, wait_for what, time_point until, event* hurry);

 private:
  const http_ports& ports_;
};

}  // namespace music::http
