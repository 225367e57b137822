#pragma once

/// An engine on virtual time: one shard, fake upstreams, a store in memory that can be made to fail.

#include "fake_ports.hpp"
#include "run_virtual.hpp"

#include <music/jobs/engine.hpp>
#include <music/store/memory_store.hpp>

#include <algorithm>
#include <memory>

namespace music::test {

/// What becomes of a reopening, and whether it is told.
enum class reopening { answered, done_unanswered, not_done };

/// A store in front of another one: counts, takes its time, and fails while `down`.
class moody_store final : public job_store {
 public:
  moody_store(job_store& behind, clock& clock) : behind_(behind), clock_(clock) {}

  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.insert(std::move(fresh), std::move(key));
    co_return answer;
  }
  task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) override {
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.insert_batch(std::move(fresh), std::move(key));
    co_return answer;
  }
  task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) override {
    ++updates;
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.update(std::move(changed), lease, std::move(told));
    co_return answer;
  }
  task<result<job>> load(job_id id) override {
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.load(std::move(id));
    co_return answer;
  }
  task<result<std::vector<job>>> select(job_filter filter) override {
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.select(std::move(filter));
    co_return answer;
  }
  task<result<void>> erase(job_id id, wall_time now) override {
    if (down) co_return error{errc::store_unavailable};
    co_await clock_.sleep_until(clock_.now() + erase_takes, use_task);
    auto answer = co_await behind_.erase(std::move(id), now);
    co_return answer;
  }
  task<result<std::vector<claimed_job>>> claim(std::size_t limit) override {
    if (down) {
      if (failing_claims == 1) down = false;
      if (failing_claims > 0) --failing_claims;
      error away{errc::store_unavailable};
      away.transient = !broken;
      co_return away;
    }
    claimed.push_back(limit);
    auto answer = co_await behind_.claim(limit);
    for (auto& each : *answer) {
      each.crashes = crashes;
      each.cancel_requested = cancel_requested;
    }
    if (std::exchange(last_unreadable, false)) answer->pop_back();
    co_return answer;
  }
  task<result<renewal>> renew(std::vector<job_id> held) override {
    if (down) co_return error{errc::store_unavailable};
    renewed = held;
    auto news = std::exchange(next_renewal, {});
    co_await clock_.sleep_until(clock_.now() + renew_takes, use_task);
    co_return news;
  }
  task<result<void>> release() override {
    if (down) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.release();
    co_return answer;
  }
  task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) override {
    if (down) co_return error{errc::store_unavailable};
    co_await clock_.sleep_until(clock_.now() + reopen_takes, use_task);
    const auto fate = std::exchange(next_reopening, reopening::answered);
    if (fate == reopening::not_done) co_return error{errc::store_unavailable};
    auto answer = co_await behind_.reopen(std::move(changed), seen_version);
    if (fate == reopening::done_unanswered) co_return error{errc::store_unavailable};
    co_return answer;
  }
  task<result<void>> request_cancel(job_id id) override {
    cancel_requests.push_back(std::move(id));
    co_return result<void>{};
  }
  bool shared() const noexcept override { return several; }
  void on_hint(std::function<void()> hint) override { hint_ = std::move(hint); }

  /// What a database that wakes its instances does.
  void hint() const { hint_(); }

  outbox& deliveries() noexcept override { return behind_.deliveries(); }

  bool down = false;
  bool broken = false;     ///< while down: and will not be back by itself
  int failing_claims = 0;  ///< after so many it is back; 0: it stays down
  int updates = 0;
  bool several = false;  ///< other instances share it
  int crashes = 0;       ///< what every claim says
  bool cancel_requested = false;  ///< the same
  bool last_unreadable = false;   ///< the last job of the next claim
  renewal next_renewal;
  reopening next_reopening = reopening::answered;
  std::chrono::milliseconds reopen_takes{0};
  std::chrono::milliseconds renew_takes{0};
  std::chrono::milliseconds erase_takes{0};
  std::vector<std::size_t> claimed;  ///< how many each claim asked for
  std::vector<job_id> renewed;
  std::vector<job_id> cancel_requests;

 private:
  std::function<void()> hint_;
  job_store& behind_;
  clock& clock_;
};

struct engine_fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  std::unique_ptr<job_store> memory = create_memory_job_store();
  moody_store store{*memory, clock};
  std::unique_ptr<audio_store> audio = create_memory_audio_store();
  fake_writer writer{clock};
  fake_provider* provider = nullptr;
  std::unique_ptr<music_generator> music = make_music();
  std::unique_ptr<prompt_generator> prompts = create_prompt_generator(writer, clock, random);
  engine_options options{};
  std::unique_ptr<job_engine> engine = make_engine();
  const caller somebody{"alice"};

  engine_fixture() { writer.answers.add(good_prompt(), 1s); }

  ~engine_fixture() { rest(); }

  std::unique_ptr<music_generator> make_music() {
    auto made = std::make_unique<fake_provider>(clock, paid_provider());
    provider = made.get();
    provider->submissions.add(accepted(), 1s);
    provider->polls.add(generating());
    provider->polls.add(complete());
    provider->audio.add(fake_mp3(), 1s);
    std::vector<std::unique_ptr<music_provider>> providers;
    providers.push_back(std::move(made));
    return create_music_generator(std::move(providers), *audio, clock, random);
  }

  std::unique_ptr<job_engine> make_engine() {
    return create_job_engine(options, store, *audio, random, {{context.get_executor(), clock, *prompts, *music}});
  }

  /// The process dies and comes back with the same store: nothing but what was committed is left.
  void restart(engine_options changed = {}) {
    rest();
    options = changed;
    engine = make_engine();
  }

  /// Lets every task of the engine go, so that it can be destroyed.
  void rest() {
    if (!engine) return;
    engine->begin_drain();
    run_virtual_for(context, clock, engine->drain(0, clock.now() + 3600s));
    engine.reset();
  }

  template <class T>
  T run(task<T> work) {
    return run_virtual_for(context, clock, std::move(work));
  }

  job_service& service() { return engine->service(0); }
  job_control& control() { return engine->control(0); }

  job_ptr submit(generate_request request = rainy_night()) {
    return run(service().submit(std::move(request), somebody, {}))->job;
  }

  job_ptr wait_for_end(const job_id& id) {
    return run(service().wait(id, somebody, wait_for::end, 0, clock.now() + 24h)).value();
  }

  /// A job that nobody works on. Lets those go that somebody does.
  job_id insert_abandoned() {
    job abandoned;
    abandoned.id = job_id::make(random, clock.wall_now());
    abandoned.owner = somebody.name;
    abandoned.request = rainy_night();
    abandoned.created_at = abandoned.updated_at = clock.wall_now();
    abandoned.deadline_at = abandoned.created_at + 15min;
    run(memory->insert(abandoned, std::nullopt)).value();
    run(memory->release()).value();
    return abandoned.id;
  }

  /// Songs that never get ready, or that are.
  void make_songs(bool ready) {
    provider->polls = {};
    provider->polls.add(ready ? complete() : generating());
  }

  /// Lets time pass until nothing is due within `span`.
  void pass(std::chrono::milliseconds span) { run_virtual(context, clock, sleep_until(clock, clock.now() + span)); }
};

}  // namespace music::test
