#pragma once

/// The engine's part on one shard: admits requests that arrive there and works on its jobs.

#include "job_table.hpp"

#include <music/async/backoff.hpp>
#include <music/async/task_group.hpp>
#include <music/core/batch.hpp>
#include <music/core/job_service.hpp>
#include <music/jobs/engine.hpp>
#include <music/skills/orchestrator.hpp>

#include <atomic>
#include <unordered_map>

namespace music {

class worker;

/// How long to wait for a store that is away before it is asked again.
inline constexpr backoff store_patience{.first = std::chrono::milliseconds{100}, .cap = std::chrono::milliseconds{5'000}};

/// What the workers share. Thread-safe members only.
struct engine_state {
  engine_options options;
  job_store& store;
  audio_store& audio;
  random_source& random;
  job_table table;
  std::vector<std::unique_ptr<worker>> workers;
  std::atomic<std::size_t> active{0};
  std::atomic<bool> draining{false};
  std::atomic<bool> store_down{false};
};

/// One for each shard; used on its thread only, apart from the constructor.
class worker final : public job_service, public job_control, public batch_service, private job_journal {
 public:
  worker(engine_state& engine, std::size_t index, const engine_shard& parts);

  task<result<admission>> submit(generate_request request, caller by, std::optional<request_key> given_key) override;
  job_ptr peek(std::string_view id, const caller& by) override;
  task<result<job_ptr>> find(job_id id, caller by) override;
  task<result<job_page>> list(job_query query, caller by) override;
  task<result<job_ptr>> wait(job_id id, caller by, wait_for what, std::uint64_t seen_version, time_point until) override;

  task<result<job_ptr>> cancel(job_id id, caller by) override;
  task<result<job_ptr>> retry(job_id id, caller by, bool resubmit) override;
  task<result<void>> erase(job_id id, caller by) override;

  task<result<batch_admission>> submit_batch(std::vector<generate_request> requests, caller by,
                                             std::optional<request_key> given_key) override;
  task<result<batch>> find_batch(batch_id id, caller by) override;

  /// Works on the job from now on, after `delay`. The job must be in the table and counted as active. What the store has of it
  /// is its `durable_version`.
  void start(job state, lease_epoch lease, std::chrono::milliseconds delay, std::uint64_t durable_version);

  /// The same for a job whose owner ended: what is not known about it is settled first.
  void resume(claimed_job interrupted, std::chrono::milliseconds delay);

  /// Sets the job's cancel event; for one that has ended or is not here it does nothing.
  void request_cancel(const std::string& id);

  /// Another instance has the job: stops working on it without another write.
  void abandon(const std::string& id);

  /// Erases what has expired, once a minute, until cancelled.
  void start_sweeping();

  /// Runs beside the jobs until the drain.
  void spawn_chore(task<void> chore) { chores_.spawn(std::move(chore)); }

  [[nodiscard]] task<bool> drain(time_point until);

  /// What a call to the store has shown about it; said in the log when that changes.
  void note_store(bool works) noexcept;

  [[nodiscard]] executor get_executor() const noexcept { return executor_; }

 private:
  task<result<void>> commit(running_job& running) override;
  task<void> work(std::shared_ptr<running_job> running, std::chrono::milliseconds delay);
  task<bool> run_guarding_against_surprises(running_job& running);
  void forget(const running_job& ended);
  job_ptr run_again(job again, lease_epoch lease);
  void give_up_retry(const job_id& id);
  task<void> find_out_about_retry(job again, std::uint64_t seen_version);
  task<void> commit_cancel(std::shared_ptr<running_job> running);
  task<void> sweep();
  task<void> erase_expired();
  task<result<void>> erase_job(job_ptr doomed);
  [[nodiscard]] std::vector<delivery> to_be_told(const job& changed) const;
  task<result<job_ptr>> cancel_elsewhere(job_id id, caller by);
  [[nodiscard]] job fresh_job(generate_request request, std::string owner) const;
  [[nodiscard]] std::vector<job> fresh_batch(std::vector<generate_request> requests, const std::string& owner) const;
  batch start_batch(std::vector<job> fresh, lease_epoch lease);
  [[nodiscard]] bool take_slots(std::size_t wanted = 1) noexcept;
  [[nodiscard]] time_point steady(wall_time at) const noexcept;

  engine_state& engine_;
  std::size_t index_;
  executor executor_;
  clock& clock_;
  std::unique_ptr<orchestrator> orchestrator_;
  music_generator& music_;
  task_group jobs_;
  task_group chores_;
  std::unordered_map<std::string, std::shared_ptr<running_job>> running_;
};

}  // namespace music
