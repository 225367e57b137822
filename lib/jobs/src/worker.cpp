#include "worker.hpp"

#include <music/async/deadline.hpp>
#include <music/base/hash.hpp>
#include <music/base/log.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace music {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds sweep_interval{60};
constexpr seconds probe_interval{5};
constexpr std::size_t sweep_batch = 100;
constexpr seconds elsewhere_interval{1};  // between looks at a job that another instance works on
constexpr int most_crashes = 3;

}  // namespace

worker::worker(engine_state& engine, std::size_t index, const engine_shard& parts)
    : engine_(engine),
      index_(index),
      executor_(parts.ex),
      clock_(parts.clock),
      orchestrator_(create_orchestrator(parts.prompts, parts.music, *this, parts.clock, {.retention = engine.options.retention})),
      music_(parts.music),
      jobs_(parts.ex, "jobs"),
      chores_(parts.ex, "job_chores") {}

// --- asking -----------------------------------------------------------------------------------------------------------

task<result<admission>> worker::submit(generate_request request, caller by, std::optional<request_key> given_key) {
  if (engine_.draining) co_return error{errc::draining};
  if (!request.provider.empty() && music_.find(request.provider) == nullptr) co_return error{errc::invalid_argument, "provider"};
  if (!take_slots()) co_return error{errc::queue_full};

  std::optional<idempotency> key;
  if (given_key) key = idempotency{by.name + ' ' + given_key->route, to_hex(sha256_of(given_key->text)), fingerprint(request)};
  auto fresh = fresh_job(std::move(request), by.name);

  // From the insert to the start nothing may interrupt: a job that is stored and not started would lie until a restart.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  auto inserted = co_await engine_.store.insert(std::move(fresh), std::move(key));
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());

  note_store(inserted.has_value() || inserted.error().code != errc::store_unavailable);
  if (inserted.has_error() || inserted->replayed) --engine_.active;
  if (inserted.has_error()) co_return inserted.error();
  if (inserted->replayed) {
    auto current = engine_.table.find(inserted->stored.id.text());
    if (!current) current = std::make_shared<const job>(std::move(inserted->stored));
    co_return admission{std::move(current), true};
  }
  auto current = std::make_shared<const job>(inserted->stored);
  engine_.table.publish(current);
  start(std::move(inserted->stored), inserted->lease, milliseconds{0}, current->version);
  co_return admission{std::move(current), false};
}

job worker::fresh_job(generate_request request, std::string owner) const {
  const auto now = clock_.wall_now();
  job fresh;
  fresh.id = job_id::make(engine_.random, now);
  fresh.owner = std::move(owner);
  fresh.created_at = now;
  fresh.updated_at = now;
  fresh.deadline_at = now + std::min(request.deadline.value_or(engine_.options.job_deadline), engine_.options.job_deadline);
  fresh.request = std::move(request);
  if (!fresh.request.prompt.empty()) {  // the music generator on its own: the first step is done before the job begins
    fresh.prompt.status = step_status::complete;
    fresh.prompt.text = std::exchange(fresh.request.prompt, {});
  }
  return fresh;
}

/// All or none; what does not fit is never counted, so that it cannot keep out what would.
bool worker::take_slots(std::size_t wanted) noexcept {
  auto active = engine_.active.load();
  while (active + wanted <= engine_.options.most_active_jobs) {
    if (engine_.active.compare_exchange_weak(active, active + wanted)) return true;
  }
  return false;
}

job_ptr worker::peek(std::string_view id, const caller& by) {
  auto current = engine_.table.find(id);
  return current && current->owner == by.name ? current : nullptr;
}

task<result<job_ptr>> worker::find(job_id id, caller by) {
  auto current = engine_.table.find(id.text());
  if (!current) {
    auto loaded = co_await engine_.store.load(id);
    if (loaded.has_error()) co_return loaded.error();
    current = std::make_shared<const job>(std::move(*loaded));
  }
  if (current->owner != by.name) co_return error{errc::not_found};
  co_return current;
}

task<result<job_page>> worker::list(job_query query, caller by) {
  job_filter filter;
  filter.owner = std::move(by.name);
  filter.status = query.status;
  filter.older_than = query.cursor;
  filter.limit = query.limit + 1;
  auto found = co_await engine_.store.select(std::move(filter));
  if (found.has_error()) co_return found.error();
  job_page page;
  const bool more = found->size() > query.limit;
  if (more) found->resize(query.limit);
  for (auto& each : *found) page.jobs.push_back(std::make_shared<const job>(std::move(each)));
  if (more) page.next_cursor = page.jobs.back()->id;
  co_return page;
}

task<result<job_ptr>> worker::wait(job_id id, caller by, wait_for what, std::uint64_t seen_version, time_point until) {
  for (;;) {
    auto waiting = std::make_shared<watcher>(executor_);
    engine_.table.watch(id.text(), waiting);  // before looking, so that no change falls between
    auto current = co_await find(id, by);
    if (current.has_error()) co_return current.error();
    const bool satisfied = (*current)->done() || (what == wait_for::change && (*current)->version > seen_version);
    if (satisfied || clock_.now() >= until || engine_.draining) co_return current;
    // Nobody tells of changes that another instance makes.
    const bool elsewhere = engine_.store.shared() && !engine_.table.owner_shard(id.text());
    const auto look_again = elsewhere ? std::min(until, clock_.now() + elsewhere_interval) : until;
    co_await sleep_unless(clock_, look_again, &waiting->changed);
  }
}

// --- working ----------------------------------------------------------------------------------------------------------

void worker::start(job state, lease_epoch lease, milliseconds delay, std::uint64_t durable_version) {
  // Stored while the drain began, so it was acknowledged; what it would begin now could be cut off. The next start goes on.
  if (engine_.draining) return;
  auto running = std::make_shared<running_job>(std::move(state), lease, executor_);
  running->deadline = steady(running->state.deadline_at);
  running->durable_version = durable_version;
  const auto& id = running->state.id.text();
  abandon(id);  // a lease that was lost came back before its work had unwound
  engine_.table.assign(id, index_);
  running_.insert_or_assign(id, running);
  jobs_.spawn(work(std::move(running), delay));
}

void worker::resume(claimed_job claimed, milliseconds delay) {
  auto& interrupted = claimed.state;
  const auto durable_version = interrupted.version;
  // Only what was under way can have ended a process; jobs that wait are told nothing against by its end.
  const bool at_work = interrupted.stage == job_stage::prompting || interrupted.stage == job_stage::fetching;
  if (claimed.crashes >= most_crashes && at_work) {
    log::error({"jobs", "worker", "resume", "poisoned"}, {{"job", interrupted.id.text()}, {"crashes", claimed.crashes}});
    apply(interrupted, happened::broke{}, clock_.wall_now(), engine_.options.retention);
  }
  // A submission whose answer was never seen ends here as unknown, unless the provider may still tell its song, or it cost
  // nothing: then it is simply sent again.
  if (interrupted.music.submission == submission_state::intent) {
    const auto* provider = music_.find(interrupted.music.provider);
    const bool free_of_charge = provider != nullptr && !provider->info().paid;
    const bool findable = provider != nullptr && provider->info().finds_lost;
    const auto settled = free_of_charge ? job_event{happened::submission_withdrawn{}}
                         : findable     ? job_event{happened::submission_lost{}}
                                        : job_event{happened::recovered{}};
    apply(interrupted, settled, clock_.wall_now(), engine_.options.retention);
  }
  if (claimed.cancel_requested) apply(interrupted, happened::cancel_requested{}, clock_.wall_now(), engine_.options.retention);
  start(std::move(interrupted), claimed.lease, delay, durable_version);
}

task<void> worker::work(std::shared_ptr<running_job> running, milliseconds delay) {
  if (delay > milliseconds{0}) co_await sleep_unless(clock_, on_grid(clock_.now() + delay), &running->cancel);
  if (running->state.done()) co_await commit(*running);  // settled by `resume`
  const bool surprised = co_await run_guarding_against_surprises(*running);
  if (surprised) {
    record(*running, happened::broke{}, clock_, engine_.options.retention);
    co_await commit(*running);
  }
  if (!running->leave) --engine_.active;
  forget(*running);
}

/// Unless the job was claimed again meanwhile. The caller keeps `ended` alive.
void worker::forget(const running_job& ended) {
  const auto& id = ended.state.id.text();
  const auto found = running_.find(id);
  if (found == running_.end() || found->second.get() != &ended) return;
  running_.erase(found);
  engine_.table.release(id);
  // What another instance may change must be read from the store each time.
  if (ended.gone || engine_.store.shared()) engine_.table.remove(id);
}

/// True if the orchestrator threw what nobody expects; cancellation passes through.
task<bool> worker::run_guarding_against_surprises(running_job& running) {
  try {
    co_await orchestrator_->run(running);
    co_return false;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) throw;
    log::error({"jobs", "orchestrator", "run", "exception"}, {{"job", running.state.id.text()}, {"what", failure.what()}});
  } catch (const std::exception& failure) {
    log::error({"jobs", "orchestrator", "run", "exception"}, {{"job", running.state.id.text()}, {"what", failure.what()}});
  }
  co_return true;
}

task<result<void>> worker::commit(running_job& running) {
  for (int attempt = 0;; ++attempt) {
    if (running.gone) co_return error{errc::lease_lost};
    job snapshot = running.state;
    auto visible = std::make_shared<const job>(snapshot);
    auto told = to_be_told(snapshot);
    const bool news = !told.empty();
    const auto saved = co_await engine_.store.update(std::move(snapshot), running.lease, std::move(told));
    note_store(saved.has_value() || saved.error().code != errc::store_unavailable);
    // The commit of a cancel may come back after the job has ended and left the table: it must not bring it back.
    if (saved && running_.contains(running.state.id.text())) engine_.table.publish(std::move(visible));
    if (saved && news) engine_.options.tells->stored();
    if (saved) co_return saved;
    if (saved.error().code != errc::store_unavailable) {
      running.gone = true;
      log::warning({"jobs", "store", "commit", "stopped"},
                   {{"job", running.state.id.text()}, {"error_type", name(saved.error().code)}});
      co_return saved;
    }
    const auto again = clock_.now() + store_patience.delay(attempt, engine_.random);
    co_await clock_.sleep_until(again, use_task);
  }
}

/// What has become of the job since it was last committed, which is what everybody sees. A commit that is repeated, or two
/// under way at once, may find the same again: the outbox stores it once.
std::vector<delivery> worker::to_be_told(const job& changed) const {
  if (engine_.options.tells == nullptr) return {};
  const auto before = engine_.table.find(changed.id.text());
  if (!before) return {};
  return engine_.options.tells->deliveries_for(*before, changed);
}

void worker::note_store(bool works) noexcept {
  const bool was_down = engine_.store_down.exchange(!works);
  if (was_down == works) {
    const log::event what{"jobs", "store", "reach", works ? "back" : "unavailable"};
    works ? log::info(what) : log::error(what);
  }
}

time_point worker::steady(wall_time at) const noexcept { return clock_.now() + (at - clock_.wall_now()); }

// --- chores -----------------------------------------------------------------------------------------------------------

void worker::start_sweeping() { chores_.spawn(sweep()); }

task<void> worker::sweep() {
  for (;;) {
    co_await erase_expired();
    const auto pause = engine_.store_down ? probe_interval : sweep_interval;
    co_await clock_.sleep_until(clock_.now() + pause, use_task);
  }
}

task<void> worker::erase_expired() {
  for (;;) {
    job_filter filter;
    filter.expired_before = clock_.wall_now();
    filter.limit = sweep_batch;
    auto expired = co_await engine_.store.select(std::move(filter));
    note_store(expired.has_value() || expired.error().code != errc::store_unavailable);
    if (expired.has_error() || expired->empty()) co_return;
    std::size_t erased = 0;
    for (auto& each : *expired) {
      auto doomed = std::make_shared<const job>(std::move(each));
      const auto gone = co_await erase_job(std::move(doomed));
      if (gone) ++erased;
    }
    if (erased == 0) co_return;  // the disk refuses: not now
    log::info({"jobs", "store", "erase_expired", "success"}, {{"count", erased}});
  }
}

task<bool> worker::drain(time_point until) {
  for (const auto& [id, running] : running_) running->leave = true;
  jobs_.cancel();
  chores_.cancel();
  const bool jobs_rest = co_await jobs_.drain(clock_, until);
  const bool chores_rest = co_await chores_.drain(clock_, until);
  co_return jobs_rest&& chores_rest;
}

}  // namespace music
