#pragma once

/// Songs that are asked for together: all of the jobs are stored, or none.

#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/core/job.hpp>
#include <music/core/job_service.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

/// As its jobs are now. It has no state of its own: whatever is told of it follows from them.
struct batch {
  batch_id id;
  std::vector<job_ptr> jobs;  ///< in the order of the requests; null: erased meanwhile
};

/// `queued` until a job has begun, `running` until all have ended. Then what they all ended as; if not all as the same,
/// `partial` where at least one is a success, else `error`. Erased jobs do not count.
enum class batch_status : std::uint8_t { queued, running, success, partial, error, canceled, expired };

[[nodiscard]] std::string_view name(batch_status status) noexcept;

struct batch_summary {
  batch_status status = batch_status::queued;
  bool done = false;                      ///< no job is left that has not ended
  std::array<std::size_t, 7> jobs{};      ///< how many there are of each `job_status`, in its order
  std::size_t erased = 0;
  std::optional<wall_time> completed_at;  ///< when the last of them ended; only when done
};

[[nodiscard]] batch_summary summarise(const batch& batch);

/// What Idempotency-Key compares: the requests' own fingerprints, in their order.
[[nodiscard]] std::string fingerprint(const std::vector<generate_request>& requests);

struct batch_admission {
  batch made;
  bool replayed = false;  ///< an earlier request with the same Idempotency-Key made this batch
};

/// The driving port for batches. One instance for each shard, used on its thread only.
class batch_service {
 public:
  virtual ~batch_service() = default;

  /// Completes once all jobs are durable, 1..`largest_batch` of them; if it fails, none is. Errors: `invalid_argument` (a
  /// provider that is not configured; the detail is its place), `key_reused`, `key_spent`, `queue_full` (there is no room for
  /// all), `draining`, `store_unavailable`.
  [[nodiscard]] virtual task<result<batch_admission>> submit_batch(std::vector<generate_request> requests, caller by,
                                                                   std::optional<request_key> key) = 0;

  /// Errors: `not_found` (also if all of its jobs were erased, or are somebody else's), `store_unavailable`.
  [[nodiscard]] virtual task<result<batch>> find_batch(batch_id id, caller by) = 0;
};

}  // namespace music
