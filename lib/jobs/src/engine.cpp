#include "worker.hpp"

#include <music/async/backoff.hpp>
#include <music/async/event.hpp>
#include <music/base/log.hpp>
#include <music/jobs/engine.hpp>

#include <boost/asio/post.hpp>
#include <boost/assert.hpp>

#include <algorithm>
#include <set>

namespace music {
namespace {

using namespace std::chrono_literals;

/// How many interrupted jobs are let go at once after a restart, a second and shard: thousands waking in one instant would
/// storm the upstreams.
constexpr std::size_t resumed_per_second = 1000;
constexpr std::chrono::milliseconds release_time{500};
constexpr std::size_t claimed_at_once = 500;

/// At the start a database may be away for a moment, or be starting itself.
constexpr auto recovery_patience = 30s;
constexpr backoff recovery_pause{.first = 200ms, .cap = 2'000ms};

/// A lease is renewed three times before it ends. A dead instance's jobs are taken over at the latest `lease_duration` and
/// one interval after its last word.
constexpr auto lease_interval = 10s;
constexpr auto shortest_lease_interval = 500ms;  ///< hints that come faster are gathered

class sharded_engine final : public job_engine {
 public:
  sharded_engine(engine_options options, job_store& store, audio_store& audio, random_source& random,
                 const std::vector<engine_shard>& shards)
      : state_{.options = options, .store = store, .audio = audio, .random = random, .table = {}, .workers = {}},
        ex_(shards.at(0).ex),
        clock_(shards.at(0).clock) {
    for (std::size_t i = 0; i < shards.size(); ++i) state_.workers.push_back(std::make_unique<worker>(state_, i, shards[i]));
    // The store may hint when the engine has ended: what is on shard 0 then is the event alone.
    store.on_hint([ex = ex_, hint = hint_] {
      asio::post(ex, [hint] {
        if (*hint) (*hint)->set();
      });
    });
  }

  job_service& service(std::size_t shard) override { return *state_.workers.at(shard); }
  batch_service& batches(std::size_t shard) override { return *state_.workers.at(shard); }
  job_control& control(std::size_t shard) override { return *state_.workers.at(shard); }

  std::size_t active_jobs() const noexcept override { return state_.active; }

  std::string_view state() const noexcept override {
    if (state_.draining) return "draining";
    return state_.store_down ? "store_unavailable" : "ok";
  }

  task<result<std::size_t>> recover() override {
    std::size_t count = 0;
    const auto until = clock_.now() + recovery_patience;
    for (int attempt = 0;; ++attempt) {
      const auto taken = co_await take_over(count);
      if (taken) break;
      if (!taken.error().transient || clock_.now() >= until) co_return taken.error();
      const auto again = clock_.now() + recovery_pause.delay(attempt, state_.random);
      co_await clock_.sleep_until(std::min(again, until), use_task);
    }
    auto& first = *state_.workers.front();
    first.start_sweeping();
    if (state_.store.shared()) first.spawn_chore(keep_leases());
    co_return count;
  }

  void begin_drain() noexcept override { state_.draining = true; }

  task<bool> drain(std::size_t shard, time_point until) override {
    const bool at_rest = co_await state_.workers.at(shard)->drain(until);
    if (++drained_ < state_.workers.size()) co_return at_rest;
    // The last one: what was left at its checkpoint can be gone on with elsewhere at once, and did not end its worker.
    // Most wanted where a job kept us until the end, hence a moment of its own.
    auto call = state_.store.release();
    const auto last = std::max(until, clock_.now() + release_time);
    auto released = co_await with_deadline(clock_, last, std::move(call));
    if (released.has_error()) log::warning({"jobs", "store", "release", name(released.error().code)});
    co_return at_rest;
  }

 private:
  /// Claims what nobody works on, as far as there is room, and lets it go on. Adds to `count` how many jobs that were, also
  /// when it fails half-way.
  task<result<void>> take_over(std::size_t& count) {
    const auto before = count;
    for (;;) {
      const auto room = state_.options.most_active_jobs - std::min<std::size_t>(state_.active, state_.options.most_active_jobs);
      const auto wanted = state_.store.shared() ? std::min(claimed_at_once, room) : claimed_at_once;  // others may have room
      if (wanted == 0) break;
      auto claimed = co_await state_.store.claim(wanted);
      if (claimed.has_error()) co_return claimed.error();
      // Counted before any of them can end, so that the number of active jobs never goes below nothing.
      state_.active += claimed->size();
      for (auto& one : *claimed) resume(std::move(one), count++);
      if (claimed->empty()) break;  // a shorter answer may only lack records that cannot be read
    }
    if (count > before) log::info({"jobs", "store", "take_over", "success"}, {{"count", count - before}});
    co_return result<void>{};
  }

  void resume(claimed_job claimed, std::size_t position) {
    state_.table.publish(std::make_shared<const job>(claimed.state));
    // Where the job still unwinds after its lease was lost, the shard that has it is the one that can tell the two apart.
    const auto shard = state_.table.owner_shard(claimed.state.id.text()).value_or(position % state_.workers.size());
    auto& chosen = *state_.workers[shard];
    const std::chrono::milliseconds delay{position / state_.workers.size() * 1000 / resumed_per_second};
    asio::post(chosen.get_executor(),
               [&chosen, delay, claimed = std::move(claimed)]() mutable { chosen.resume(std::move(claimed), delay); });
  }

  /// Renews this instance's leases and takes over what dead instances leave, every `lease_interval` and when the store hints.
  task<void> keep_leases() {
    auto judge_from = time_point::min();
    for (;;) {
      const auto hinted = std::make_shared<event>(ex_);
      *hint_ = hinted;
      co_await clock_.sleep_until(clock_.now() + shortest_lease_interval, use_task);
      co_await sleep_unless(clock_, clock_.now() + lease_interval - shortest_lease_interval, hinted.get());
      const auto renewed = co_await renew();
      // Whoever could not renew while the store was away cannot blame others for not having renewed either.
      if (renewed.has_error()) judge_from = clock_.now() + lease_duration;
      if (renewed.has_error() || clock_.now() < judge_from) continue;
      std::size_t count = 0;
      const auto taken = co_await take_over(count);
      if (taken.has_error()) log::debug({"jobs", "store", "take_over", name(taken.error().code)});
    }
  }

  task<result<void>> renew() {
    std::vector<job_id> held;
    std::set<job_id> at_rest;  // being reopened or erased
    for (const auto& each : state_.table.assigned()) {
      held.push_back(each->id);
      if (each->done()) at_rest.insert(each->id);
    }
    auto renewed = co_await state_.store.renew(std::move(held));
    state_.workers.front()->note_store(renewed.has_value());
    if (renewed.has_error()) co_return renewed.error();
    for (const auto& id : renewed->lost) {
      // Its retry may have succeeded since the store was asked: then it is ours.
      if (!at_rest.contains(id)) tell_owner(id, &worker::abandon);
    }
    for (const auto& id : renewed->cancel_requested) tell_owner(id, &worker::request_cancel);
    co_return result<void>{};
  }

  void tell_owner(const job_id& id, void (worker::*what)(const std::string&)) {
    const auto shard = state_.table.owner_shard(id.text());
    if (!shard) return;
    auto& owner = *state_.workers[*shard];
    asio::post(owner.get_executor(), [&owner, what, text = id.text()] { (owner.*what)(text); });
  }

  engine_state state_;
  executor ex_;  ///< of shard 0
  clock& clock_;
  std::shared_ptr<std::shared_ptr<event>> hint_ = std::make_shared<std::shared_ptr<event>>();
  std::atomic<std::size_t> drained_{0};
};

}  // namespace

std::unique_ptr<job_engine> create_job_engine(engine_options options, job_store& store, audio_store& audio, random_source& random,
                                              std::vector<engine_shard> shards) {
  BOOST_ASSERT(!shards.empty());
  return std::make_unique<sharded_engine>(options, store, audio, random, shards);
}

}  // namespace music
