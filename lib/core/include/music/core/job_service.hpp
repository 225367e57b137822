#pragma once

/// The driving ports: what `lib/http` may ask of the engine. One instance for each shard, used on its thread only.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/core/job.hpp>

#include <optional>
#include <string>
#include <vector>

namespace music {

/// Who asks: the name of the API key, empty when the service runs without keys. A caller sees only its own jobs; a job of
/// somebody else is `not_found`, exactly like one that never was.
struct caller {
  std::string name;
};

/// An Idempotency-Key and the route it came in by: the scope of a key is caller and route.
struct request_key {
  std::string text;
  std::string route = "POST /generate";
};

struct admission {
  job_ptr job;
  bool replayed = false;  ///< an earlier request with the same Idempotency-Key made this job
};

struct job_query {
  std::optional<job_status> status;
  std::optional<job_id> cursor;  ///< jobs older than this one
  std::size_t limit = 20;        ///< 1..100
};

struct job_page {
  std::vector<job_ptr> jobs;  ///< newest first
  std::optional<job_id> next_cursor;
};

/// What a waiting client waits for.
enum class wait_for : std::uint8_t { change, end };

/// Asking for songs and looking at them.
class job_service {
 public:
  virtual ~job_service() = default;

  /// Completes once the job is durable. Errors: `invalid_argument` (provider not configured), `key_reused`, `key_spent`, `queue_full`,
  /// `draining`, `store_unavailable`.
  [[nodiscard]] virtual task<result<admission>> submit(generate_request request, caller by, std::optional<request_key> key) = 0;

  /// The job if it is in memory and the caller's, else null: then ask `find`. Never blocks; the hot path of GET.
  [[nodiscard]] virtual job_ptr peek(std::string_view id, const caller& by) = 0;

  /// Errors: `not_found`, `store_unavailable`.
  [[nodiscard]] virtual task<result<job_ptr>> find(job_id id, caller by) = 0;

  /// Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<job_page>> list(job_query query, caller by) = 0;

  /// The job as soon as it has ended (or, for `change`, as soon as its version is greater than `seen_version`), else as it
  /// is at `until`. Errors: `not_found`, `store_unavailable`.
  [[nodiscard]] virtual task<result<job_ptr>> wait(job_id id, caller by, wait_for what, std::uint64_t seen_version,
                                                   time_point until) = 0;
};

/// Changing the course of a job.
class job_control {
 public:
  virtual ~job_control() = default;

  /// Asks a running job to end; one that has ended is given back as it is. A submission in flight is let finish first,
  /// because cutting it off would make its outcome unknown. Errors: `not_found`, `store_unavailable`.
  [[nodiscard]] virtual task<result<job_ptr>> cancel(job_id id, caller by) = 0;

  /// Lets a failed job go on from the last step known to be done, with a new deadline: a known song is polled, a written
  /// prompt is used. After `submission_unknown` only with `resubmit`. Errors: `not_found`, `conflict`, `draining`,
  /// `store_unavailable`.
  [[nodiscard]] virtual task<result<job_ptr>> retry(job_id id, caller by, bool resubmit) = 0;

  /// Erases the job and its audio. Errors: `not_found`, `conflict` (it runs), `store_unavailable`.
  [[nodiscard]] virtual task<result<void>> erase(job_id id, caller by) = 0;
};

/// Whether the service can do its work; thread-safe, never blocks.
class readiness {
 public:
  virtual ~readiness() = default;

  /// `ok`, `draining` or `store_unavailable`.
  [[nodiscard]] virtual std::string_view state() const noexcept = 0;
};

}  // namespace music
