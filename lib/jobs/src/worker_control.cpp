/// What changes the course of a job from outside: cancel, retry, erase.

#include "worker.hpp"

#include <music/base/log.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace music {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds cancel_patience{2};

/// An ended job that nobody can retry while this lives. Afterwards what is durable is read again.
class taken_job {
 public:
  taken_job(job_table& table, const job_ptr& ended, std::size_t shard)
      : table_(table), id_(ended->id), taken_(table.take(ended, shard)) {}
  ~taken_job() {
    if (taken_) table_.remove(id_.text());
  }
  taken_job(const taken_job&) = delete;
  taken_job& operator=(const taken_job&) = delete;

  explicit operator bool() const noexcept { return taken_; }

 private:
  job_table& table_;
  const job_id id_;
  const bool taken_;
};

}  // namespace

task<result<job_ptr>> worker::cancel(job_id id, caller by) {
  auto current = co_await find(id, by);
  if (current.has_error() || (*current)->done()) co_return current;
  const auto seen = (*current)->version;
  const auto owner = engine_.table.owner_shard(id.text());
  if (!owner) {
    auto elsewhere = cancel_elsewhere(std::move(id), std::move(by));
    co_return co_await std::move(elsewhere);
  }
  auto& responsible = *engine_.workers[*owner];
  asio::post(responsible.get_executor(), [&responsible, text = id.text()] { responsible.request_cancel(text); });
  const auto patience = clock_.now() + cancel_patience;
  auto asked = co_await wait(id, by, wait_for::change, seen, patience);
  // Most jobs end in the same moment; one whose submission is in flight says "canceling" until that is known.
  if (asked.has_value() && !(*asked)->done())
    asked = co_await wait(id, by, wait_for::change, (*asked)->version, clock_.now() + milliseconds{50});
  co_return asked;
}

/// Another instance works on the job, or nobody does for the moment: whoever has it next will read the word left for it.
task<result<job_ptr>> worker::cancel_elsewhere(job_id id, caller by) {
  if (!engine_.store.shared()) co_return co_await find(id, by);
  auto left = co_await engine_.store.request_cancel(id);
  if (left.has_error()) co_return left.error();
  const auto patience = clock_.now() + cancel_patience;
  auto asked = wait(std::move(id), std::move(by), wait_for::end, 0, patience);
  co_return co_await std::move(asked);
}

void worker::request_cancel(const std::string& id) {
  const auto found = running_.find(id);
  if (found == running_.end() || found->second->state.done() || found->second->state.cancel_requested) return;
  record(*found->second, happened::cancel_requested{}, clock_, engine_.options.retention);
  chores_.spawn(commit_cancel(found->second));
  found->second->cancel.set();
}

void worker::abandon(const std::string& id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  found->second->gone = true;
  found->second->cancel.set();  // wakes it where it waits; nothing of it is saved any more
}

task<void> worker::commit_cancel(std::shared_ptr<running_job> running) {
  const auto saved = co_await commit(*running);
  if (saved.has_error()) log::debug({"jobs", "store", "commit_cancel", name(saved.error().code)});
}

task<result<job_ptr>> worker::retry(job_id id, caller by, bool resubmit) {
  if (engine_.draining) co_return error{errc::draining};
  auto current = co_await find(id, by);
  if (current.has_error()) co_return current;
  const bool unknown = (*current)->music.submission == submission_state::unknown;
  if (!retryable(**current) || (unknown && !resubmit)) co_return error{errc::conflict};
  if (!take_slots()) co_return error{errc::queue_full};
  if (!engine_.table.take(*current, index_)) {
    --engine_.active;
    co_return error{errc::conflict};
  }

  job again = **current;
  const auto seen_version = again.version;
  const auto deadline =
      clock_.wall_now() + std::min(again.request.deadline.value_or(engine_.options.job_deadline), engine_.options.job_deadline);
  apply(again, happened::retried{deadline, resubmit}, clock_.wall_now(), engine_.options.retention);

  // As with an insert: a job that keeps its place and has nobody who works on it could never be retried again.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  auto reopened = co_await engine_.store.reopen(again, seen_version);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());

  const bool unanswered = reopened.has_error() && reopened.error().code == errc::store_unavailable;
  note_store(!unanswered);
  if (reopened) co_return run_again(std::move(again), *reopened);
  if (unanswered && !engine_.draining) {
    chores_.spawn(find_out_about_retry(std::move(again), seen_version));
  } else {
    give_up_retry(id);
  }
  co_return reopened.error();
}

job_ptr worker::run_again(job again, lease_epoch lease) {
  auto started = std::make_shared<const job>(again);
  engine_.table.publish(started);
  start(std::move(again), lease, milliseconds{0}, started->version);
  return started;
}

/// Gives its place back. Where it was claimed meanwhile, whoever works on it has a place of its own.
void worker::give_up_retry(const job_id& id) {
  --engine_.active;
  if (!running_.contains(id.text())) engine_.table.remove(id.text());  // what is durable is read again
}

/// The store failed in the middle, and the job may be running again as far as it is concerned: then somebody must work on it.
task<void> worker::find_out_about_retry(job again, std::uint64_t seen_version) {
  for (int attempt = 0;; ++attempt) {
    co_await clock_.sleep_until(clock_.now() + store_patience.delay(attempt, engine_.random), use_task);
    const auto there = co_await engine_.store.load(again.id);
    if (there.has_error() && there.error().code == errc::store_unavailable) continue;
    if (there.has_error() || there->done() || running_.contains(again.id.text())) co_return give_up_retry(again.id);
    const auto lease = co_await engine_.store.reopen(again, seen_version);  // says again what it said to nobody
    if (lease.has_error() && lease.error().code == errc::store_unavailable) continue;
    if (lease.has_error() || running_.contains(again.id.text())) co_return give_up_retry(again.id);
    run_again(std::move(again), *lease);
    co_return;
  }
}

task<result<void>> worker::erase(job_id id, caller by) {
  auto current = co_await find(id, by);
  if (current.has_error()) co_return current.error();
  if (!(*current)->done()) co_return error{errc::conflict};
  auto erased = co_await erase_job(std::move(*current));
  co_return erased;
}

task<result<void>> worker::erase_job(job_ptr doomed) {
  const taken_job held{engine_.table, doomed, index_};  // a retry may need the files
  if (!held) co_return error{errc::conflict};
  // The files first: a crash in between leaves a row, and the next sweep erases it; the other way round leaves a file that
  // nobody knows.
  for (const auto& each : doomed->tracks) {
    auto erased = co_await engine_.audio.erase(each.audio_key);
    if (erased.has_error()) co_return erased;
  }
  // A song that came with the answer to its submission is a file under its own id before it is a track; else this is no key.
  auto unclaimed = co_await engine_.audio.erase(doomed->music.song_id);
  if (unclaimed.has_error()) co_return unclaimed;
  auto erased = co_await engine_.store.erase(doomed->id, clock_.wall_now());
  co_return erased;
}

}  // namespace music
