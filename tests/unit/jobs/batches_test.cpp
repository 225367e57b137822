#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

struct batch_fixture : engine_fixture {
  batch_service& batches() { return engine->batches(0); }

  std::vector<generate_request> songs(std::size_t count) {
    std::vector<generate_request> wanted;
    for (std::size_t i = 0; i < count; ++i) wanted.emplace_back(rainy_night()).title = "song " + std::to_string(i);
    return wanted;
  }

  result<batch_admission> ask(std::vector<generate_request> wanted, std::optional<request_key> key = {}) {
    return run(batches().submit_batch(std::move(wanted), somebody, std::move(key)));
  }

  result<batch> find(const batch_id& id) { return run(batches().find_batch(id, somebody)); }

  void wait_for_end_of(const batch& made) {
    for (const auto& each : made.jobs) wait_for_end(each->id);
    pass(1s);
  }

  std::size_t stored_jobs() { return run(memory->select({.limit = 1000}))->size(); }
};

const request_key one_key{"key-1", "POST /batches"};

}  // namespace

TEST_CASE_METHOD(batch_fixture, "the jobs of a batch are stored, visible and worked on to their ends, in the requests' order") {
  const auto made = ask(songs(100)).value();
  CHECK_FALSE(made.replayed);
  REQUIRE(made.made.jobs.size() == 100);
  CHECK(stored_jobs() == 100);
  CHECK(engine->active_jobs() == 100);
  for (std::size_t place = 0; place < 100; ++place) {
    const auto& each = made.made.jobs[place];
    CHECK(each->id == made.made.id.job(place));
    CHECK(each->request.title == "song " + std::to_string(place));
    CHECK(each->batch == made.made.id);
    CHECK(each->owner == somebody.name);
    CHECK(run(memory->load(each->id)).value().request == each->request);
  }

  wait_for_end_of(made.made);

  const auto done = find(made.made.id).value();
  CHECK(summarise(done).status == batch_status::success);
  CHECK(provider->submitted.size() == 100);
  CHECK(engine->active_jobs() == 0);
  CHECK(run(service().list({.limit = 100}, somebody))->jobs.size() == 100);
}

TEST_CASE_METHOD(batch_fixture, "a batch of somebody else is not found, exactly like one that never was") {
  const auto made = ask(songs(2)).value().made;
  const caller other{"bob"};

  CHECK(run(batches().find_batch(made.id, other)).error().code == errc::not_found);
  CHECK(run(batches().find_batch(batch_id::make(random, clock.wall_now(), 2), somebody)).error().code == errc::not_found);
  wait_for_end_of(made);
  restart();  // nothing is in memory
  CHECK(run(batches().find_batch(made.id, other)).error().code == errc::not_found);
  CHECK(find(made.id).value().jobs.size() == 2);
}

TEST_CASE_METHOD(batch_fixture, "the same key and requests give the same batch, other requests are refused") {
  const auto first = ask(songs(3), one_key).value();
  const auto again = ask(songs(3), one_key).value();
  const auto more = ask(songs(4), one_key);
  auto turned = songs(3);
  std::ranges::reverse(turned);
  const auto other_order = ask(turned, one_key);
  const auto bobs = run(batches().submit_batch(songs(3), caller{"bob"}, one_key)).value();
  const auto single = run(service().submit(rainy_night(), somebody, request_key{"key-1"})).value();

  CHECK_FALSE(first.replayed);
  CHECK(again.replayed);
  CHECK(again.made.id == first.made.id);
  for (std::size_t place = 0; place < 3; ++place) CHECK(again.made.jobs[place]->id == first.made.jobs[place]->id);
  CHECK(more.error().code == errc::key_reused);
  CHECK(other_order.error().code == errc::key_reused);
  CHECK_FALSE(bobs.replayed);
  CHECK_FALSE(single.replayed);
  CHECK(engine->active_jobs() == 7);
  wait_for_end_of(first.made);
  CHECK(summarise(ask(songs(3), one_key).value().made).status == batch_status::success);
}

TEST_CASE_METHOD(batch_fixture, "a batch is admitted whole or not at all") {
  restart({.most_active_jobs = 10});
  const auto single = submit();

  CHECK(ask(songs(10), one_key).error().code == errc::queue_full);
  CHECK(stored_jobs() == 1);
  CHECK(engine->active_jobs() == 1);
  const auto fits = ask(songs(9), one_key).value();  // its refusal has kept nothing
  CHECK_FALSE(fits.replayed);
  CHECK(run(service().submit(rainy_night(), somebody, {})).error().code == errc::queue_full);
  CHECK(ask(songs(1)).error().code == errc::queue_full);

  wait_for_end_of(fits.made);
  wait_for_end(single->id);
  pass(1s);

  CHECK(ask(songs(10)).has_value());
}

TEST_CASE_METHOD(batch_fixture, "a replay needs room for a moment and gives it back") {
  const auto first = ask(songs(5), one_key).value();

  for (int i = 0; i < 10; ++i) CHECK(ask(songs(5), one_key)->replayed);

  CHECK(engine->active_jobs() == 5);
  CHECK(stored_jobs() == 5);
}

TEST_CASE_METHOD(batch_fixture, "a batch that is refused leaves nothing") {
  auto unknown = songs(3);
  unknown[1].provider = "nobody";
  const auto refused = ask(unknown);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().detail == "requests[1].provider");
  CHECK(ask({}).error().code == errc::invalid_argument);
  CHECK(ask(songs(101)).error().code == errc::invalid_argument);

  store.down = true;
  CHECK(ask(songs(3), one_key).error().code == errc::store_unavailable);
  store.down = false;
  CHECK(engine->active_jobs() == 0);
  CHECK(stored_jobs() == 0);
  CHECK_FALSE(ask(songs(3), one_key)->replayed);

  engine->begin_drain();
  CHECK(ask(songs(3)).error().code == errc::draining);
  CHECK(stored_jobs() == 3);
}

TEST_CASE_METHOD(batch_fixture, "erased jobs leave their places empty, and the last one takes the batch along") {
  const auto made = ask(songs(3), one_key).value().made;
  wait_for_end_of(made);

  REQUIRE(run(control().erase(made.jobs[0]->id, somebody)).has_value());
  const auto left = find(made.id).value();
  CHECK(left.jobs[0] == nullptr);
  CHECK(left.jobs[1]->id == made.jobs[1]->id);
  const auto replay = ask(songs(3), one_key).value();
  CHECK(replay.replayed);
  CHECK(replay.made.id == made.id);
  CHECK(summarise(replay.made).erased == 1);

  REQUIRE(run(control().erase(made.jobs[1]->id, somebody)).has_value());
  REQUIRE(run(control().erase(made.jobs[2]->id, somebody)).has_value());

  CHECK(find(made.id).error().code == errc::not_found);
  CHECK(ask(songs(3), one_key).error().code == errc::key_spent);
  CHECK(provider->submitted.size() == 3);
}

TEST_CASE_METHOD(batch_fixture, "a batch goes on after a restart, and its key still names it") {
  make_songs(false);
  const auto made = ask(songs(20), one_key).value().made;
  pass(2s);
  make_songs(true);

  restart();
  CHECK(run(engine->recover()).value() == 20);
  CHECK(find(made.id).value().jobs.size() == 20);
  const auto replay = ask(songs(20), one_key).value();
  wait_for_end_of(made);

  CHECK(replay.replayed);
  CHECK(summarise(find(made.id).value()).status == batch_status::success);
  CHECK(provider->submitted.size() == 20);
}

TEST_CASE_METHOD(batch_fixture, "a job of a batch is canceled on its own, also right after it was asked for") {
  make_songs(false);
  const auto made = ask(songs(3)).value().made;

  const auto canceled = run(control().cancel(made.jobs[1]->id, somebody)).value();

  CHECK(canceled->status == job_status::canceled);
  const auto now = summarise(find(made.id).value());
  CHECK_FALSE(now.done);
  CHECK(now.jobs[static_cast<std::size_t>(job_status::canceled)] == 1);
}

TEST_CASE_METHOD(batch_fixture, "while the store is away a batch in memory is told, and one that is not is unavailable") {
  const auto made = ask(songs(2)).value().made;
  wait_for_end_of(made);
  REQUIRE(run(control().erase(made.jobs[0]->id, somebody)).has_value());
  const auto whole = ask(songs(2)).value().made;
  store.down = true;

  CHECK(find(whole.id).has_value());
  CHECK(find(made.id).error().code == errc::store_unavailable);
  store.down = false;
}
