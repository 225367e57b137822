#pragma once

/// One part of the memory store: a share of the jobs with the orders in which they are asked for.

#include <music/core/job.hpp>
#include <music/core/ports.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace music {

/// Scope and key of an Idempotency-Key.
using key_name = std::pair<std::string, std::string>;

/// Whether `select` may give the job, whatever came before it.
[[nodiscard]] bool matches(const job& candidate, const job_filter& filter);

/// Not thread-safe: the store holds the shelf's lock.
class memory_shelf {
 public:
  /// False, and nothing changed, if the id is known.
  bool insert(job_ptr fresh, std::optional<key_name> key);

  /// Errors: `not_found`, `lease_lost`.
  result<void> replace(job_ptr changed, lease_epoch lease);

  /// Errors: `not_found`, `conflict`.
  result<lease_epoch> reopen(job_ptr changed, std::uint64_t seen_version);

  /// The unfinished jobs that nobody holds, in no order.
  [[nodiscard]] std::vector<job_id> unheld() const;

  /// The job is held from now on; nothing if it is not there, has ended or is held already.
  std::optional<claimed_job> hold(const job_id& id);

  /// Nobody holds any job from now on.
  void release();

  /// Null if the id is not known.
  [[nodiscard]] job_ptr find(const job_id& id) const;

  /// Gives back the key that named the job, so that the caller forgets it too.
  std::optional<key_name> erase(const job_id& id);

  /// At most `filter.limit` of this shelf's jobs that match, newest first; with `expired_before` those that expired first.
  [[nodiscard]] std::vector<job_ptr> select(const job_filter& filter) const;

 private:
  struct entry {
    job_ptr current;
    std::optional<key_name> key;
    lease_epoch lease = 1;
    bool held = true;
  };
  struct by_id {
    bool operator()(const entry* a, const entry* b) const noexcept { return a->current->id < b->current->id; }
  };
  struct by_expiry {
    bool operator()(const entry* a, const entry* b) const noexcept {
      return std::tie(*a->current->expires_at, a->current->id) < std::tie(*b->current->expires_at, b->current->id);
    }
  };
  using ordered = std::set<const entry*, by_id>;

  void put(entry& stored, job_ptr changed);
  void index(const entry& stored);
  void unindex(const entry& stored);
  [[nodiscard]] std::vector<job_ptr> newest(const ordered& among, const job_filter& filter) const;
  [[nodiscard]] std::vector<job_ptr> first_expired(const job_filter& filter) const;
  [[nodiscard]] std::vector<job_ptr> search(const job_filter& filter) const;

  std::unordered_map<job_id, entry> jobs_;
  // What these point at lives in `jobs_`, whose elements do not move.
  std::map<std::string, ordered, std::less<>> owned_;
  ordered unfinished_;
  std::set<const entry*, by_expiry> expiring_;
};

}  // namespace music
