#include <music/core/batch.hpp>

#include "name_table.hpp"

#include <music/base/hash.hpp>

#include <algorithm>

namespace music {
namespace {

constexpr name_table<batch_status, 7> statuses{{"queued", "running", "success", "partial", "error", "canceled", "expired"}};

std::size_t count_of(const batch_summary& of, job_status status) noexcept { return of.jobs[static_cast<std::size_t>(status)]; }

batch_status status_of(const batch_summary& of, std::size_t present) noexcept {
  if (!of.done) return count_of(of, job_status::queued) == present ? batch_status::queued : batch_status::running;
  if (count_of(of, job_status::success) == present) return batch_status::success;
  if (count_of(of, job_status::success) > 0) return batch_status::partial;
  if (count_of(of, job_status::canceled) == present) return batch_status::canceled;
  if (count_of(of, job_status::expired) == present) return batch_status::expired;
  return batch_status::error;
}

}  // namespace

std::string_view name(batch_status status) noexcept { return statuses.of(status); }

batch_summary summarise(const batch& batch) {
  batch_summary sum;
  sum.done = true;
  std::optional<wall_time> last;
  for (const auto& job : batch.jobs) {
    if (!job) {
      ++sum.erased;
      continue;
    }
    ++sum.jobs[static_cast<std::size_t>(job->status)];
    sum.done = sum.done && job->done();
    last = std::max(last, job->completed_at);
  }
  sum.status = status_of(sum, batch.jobs.size() - sum.erased);
  if (sum.done) sum.completed_at = last;
  return sum;
}

std::string fingerprint(const std::vector<generate_request>& requests) {
  sha256 all;
  for (const auto& request : requests) all.update(fingerprint(request));
  return to_hex(all.finish());
}

}  // namespace music
