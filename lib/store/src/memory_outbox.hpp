#pragma once

/// The outbox of the memory store.

#include <music/core/outbox.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace music {

/// One lock for all: what it guards is short, and deliveries are few beside checkpoints. The store calls `add` and `forget`
/// with the job's shelf locked; nothing here takes a shelf's lock.
class memory_outbox final : public outbox {
 public:
  /// One with an id that is there already is left as it is.
  void add(std::vector<delivery> fresh);

  /// The job was erased.
  void forget(const job_id& job);

  task<result<std::vector<delivery>>> take_due(delivery_order order) override;
  task<result<void>> settle(delivery attempted) override;
  task<result<void>> give_up(std::string endpoint, wall_time now) override;
  task<result<std::vector<delivery>>> of_job(job_id job) override;
  task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) override;

 private:
  using position = std::uint64_t;
  struct entry {
    delivery what;
    wall_time held_until{};
  };

  std::vector<delivery> take(const delivery_order& order);
  void change(position at, const delivery& to);
  [[nodiscard]] bool waits_for_another(position at, const delivery& what) const;

  std::mutex mutex_;
  position next_ = 0;
  std::map<position, entry> entries_;
  std::unordered_map<std::string, position> by_id_;
  std::unordered_map<job_id, std::set<position>> by_job_;
  std::set<std::pair<wall_time, position>> due_;  ///< those that are pending
};

}  // namespace music
