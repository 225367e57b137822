#pragma once

/// Skill 3, the music orchestrator: takes a job through its steps, each durable before the next begins.

#include <music/async/deadline.hpp>
#include <music/core/job.hpp>
#include <music/skills/music_generator.hpp>
#include <music/skills/orchestrator_fsm.hpp>
#include <music/skills/prompt_generator.hpp>

#include <memory>

namespace music {

/// A job under way. Lives on one shard; the orchestrator and whoever cancels it change `state` between awaits only.
struct running_job {
  running_job(job initial, lease_epoch proof, executor ex) : state(std::move(initial)), lease(proof), cancel(ex) {}

  job state;
  lease_epoch lease;      ///< what the journal writes with
  event cancel;           ///< set when somebody asked to stop
  time_point deadline{};  ///< `state.deadline_at` on the steady clock
  turn at_upstream;       ///< held from before the submission until the song is ready or lost
  bool leave = false;     ///< the process drains: stop at the next checkpoint and leave the job unfinished
  bool gone = false;      ///< erased, or another instance's: nothing of it can be saved any more
  std::uint64_t durable_version = 0;  ///< the latest version that the journal is known to have
};

/// Port: makes a job's present state durable and visible.
class job_journal {
 public:
  virtual ~job_journal() = default;

  /// Completes when `running.state` as it was at the call, or a later state of it, is durable; waits while the store is away.
  /// Errors: `not_found` (the job was erased), `lease_lost` (another instance has it): stop working on it.
  [[nodiscard]] virtual task<result<void>> commit(running_job& running) = 0;
};

/// One for each shard; not thread-safe.
class orchestrator {
 public:
  virtual ~orchestrator() = default;

  /// Works on the job until it has ended; `running` must outlive the call. Terminal cancellation (the process drains)
  /// leaves the job where its last checkpoint is; a submission in flight is finished and committed first.
  [[nodiscard]] virtual task<void> run(running_job& running) = 0;
};

struct orchestrator_options {
  std::chrono::seconds retention{24 * 3600};
};

/// Everything passed in must outlive it.
[[nodiscard]] std::unique_ptr<orchestrator> create_orchestrator(prompt_generator& prompts, music_generator& music,
                                                                job_journal& journal, clock& clock, orchestrator_options options);

/// Applies the event at the clock's time; the one way a running job changes.
void record(running_job& running, const job_event& event, const clock& clock, std::chrono::seconds retention);

}  // namespace music
