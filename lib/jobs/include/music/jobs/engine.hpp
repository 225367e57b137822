#pragma once

/// The engine: admits jobs, keeps each on one shard until it has ended, and brings back what a restart interrupted.

#include <music/async/shard.hpp>
#include <music/core/batch.hpp>
#include <music/core/job_service.hpp>
#include <music/core/ports.hpp>
#include <music/skills/music_generator.hpp>
#include <music/skills/prompt_generator.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace music {

struct engine_options {
  std::chrono::seconds retention{24 * 3600};     ///< how long an ended job and its audio stay
  std::chrono::seconds job_deadline{15 * 60};    ///< the longest a job may take; requests can ask for less
  std::size_t most_active_jobs = 10'000;         ///< not-ended jobs; past it `queue_full`
  notifier* tells = nullptr;  ///< decides what is told at each commit; null: nothing is. Must outlive the engine
};

/// What the engine needs on one shard. Everything must outlive the engine.
struct engine_shard {
  executor ex;
  music::clock& clock;
  prompt_generator& prompts;
  music_generator& music;
};

/// One for the process. Its services are used on their shard only; the other functions say where they run. Destroy it after
/// the shards have ended.
class job_engine : public readiness {
 public:
  [[nodiscard]] virtual job_service& service(std::size_t shard) = 0;
  [[nodiscard]] virtual batch_service& batches(std::size_t shard) = 0;
  [[nodiscard]] virtual job_control& control(std::size_t shard) = 0;

  /// The jobs of this process that have not ended. Thread-safe.
  [[nodiscard]] virtual std::size_t active_jobs() const noexcept = 0;

  /// Lets every job that had not ended go on from its last checkpoint, spread over shards and time, and begins with the
  /// retention sweeps. Call it on shard 0 before clients are let in. Gives the number of jobs. A transient failure of the
  /// store is waited out for up to 30 s. Errors: `store_unavailable`.
  [[nodiscard]] virtual task<result<std::size_t>> recover() = 0;

  /// From now on nothing is admitted and `state()` is "draining". Thread-safe.
  virtual void begin_drain() noexcept = 0;

  /// Interrupts this shard's jobs, all but a submission in flight, and waits for their last checkpoint until `until`. True
  /// if all are at rest. Call it on that shard after `begin_drain`.
  [[nodiscard]] virtual task<bool> drain(std::size_t shard, time_point until) = 0;
};

/// Stores, randomness (thread-safe) and everything in `shards` must outlive the engine.
[[nodiscard]] std::unique_ptr<job_engine> create_job_engine(engine_options options, job_store& store, audio_store& audio,
                                                            random_source& random, std::vector<engine_shard> shards);

}  // namespace music
