#pragma once

/// The jobs in memory: all that have not ended, and the latest of those that have.

#include <music/async/event.hpp>
#include <music/core/job.hpp>

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace music {

/// Somebody who waits for a job to change. Lives on its own shard; the table only posts to it.
struct watcher {
  explicit watcher(executor on) : ex(on), changed(on) {}
  executor ex;
  event changed;
};

/// What shards share. Striped by id; no lock is ever held across an await. Thread-safe.
class job_table {
 public:
  /// Null if the job is not in memory.
  [[nodiscard]] job_ptr find(std::string_view id) const;

  /// The shard that works on the job, if one does.
  [[nodiscard]] std::optional<std::size_t> owner_shard(std::string_view id) const;

  /// The jobs that a shard has: those that are being worked on, and ended ones that it has taken.
  [[nodiscard]] std::vector<job_ptr> assigned() const;

  /// Makes this state visible unless a newer one is already, and wakes who watches.
  void publish(job_ptr current);

  /// Makes an ended job `shard`'s, to be run again or erased. False if a shard has it already, or it has changed since `seen`.
  [[nodiscard]] bool take(const job_ptr& seen, std::size_t shard);

  /// The job is being worked on by `shard`; `publish` must have shown it before.
  void assign(std::string_view id, std::size_t shard);

  /// Nobody works on the job any more. Ended jobs stay in memory until 2,048 later ones in their stripe have ended.
  void release(std::string_view id);

  void remove(std::string_view id);

  /// `waiting` is woken at the next `publish` or `remove` of the job, once. Ignored if the job is not in memory.
  void watch(std::string_view id, const std::shared_ptr<watcher>& waiting);

 private:
  struct entry {
    job_ptr current;
    std::optional<std::size_t> shard;
    std::vector<std::weak_ptr<watcher>> watchers;
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct stripe {
    mutable std::mutex mutex;
    std::unordered_map<std::string, entry, text_hash, std::equal_to<>> jobs;
    std::deque<std::string> ended;
  };

  static constexpr std::size_t stripe_count = 32;
  static constexpr std::size_t most_ended_per_stripe = 2048;

  [[nodiscard]] stripe& stripe_of(std::string_view id) { return stripes_[text_hash{}(id) % stripe_count]; }
  [[nodiscard]] const stripe& stripe_of(std::string_view id) const { return stripes_[text_hash{}(id) % stripe_count]; }
  static void wake(std::vector<std::weak_ptr<watcher>>& watchers);

  std::array<stripe, stripe_count> stripes_;
};

}  // namespace music
