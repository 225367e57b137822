// What an instance claims, keeps and loses, and what it makes of the jobs that others left.

#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

TEST_CASE_METHOD(engine_fixture, "an instance claims no more jobs than it has room for") {
  store.several = true;
  restart({.most_active_jobs = 3});
  run(engine->recover()).value();
  make_songs(false);
  std::vector<job_id> abandoned;
  for (int i = 0; i < 5; ++i) abandoned.push_back(insert_abandoned());
  const auto own = submit();
  store.claimed.clear();

  store.hint();
  pass(2s);
  CHECK(store.claimed == std::vector<std::size_t>{2});
  CHECK(engine->active_jobs() == 3);

  make_songs(true);
  pass(120s);
  for (const auto& id : abandoned) CHECK(run(memory->load(id))->status == job_status::success);
}

TEST_CASE_METHOD(engine_fixture, "whoever could not renew claims nothing for as long as a lease lasts") {
  store.several = true;
  run(engine->recover()).value();
  const auto abandoned = insert_abandoned();
  store.claimed.clear();
  store.down = true;
  pass(11s);  // the renewal after 10 s fails
  store.down = false;

  pass(28s);
  CHECK(store.claimed.empty());
  CHECK(run(memory->load(abandoned))->status == job_status::queued);

  pass(2s);
  CHECK_FALSE(store.claimed.empty());
  CHECK(run(memory->load(abandoned))->status == job_status::running);
}

TEST_CASE_METHOD(engine_fixture, "a start waits for a store that is away, for half a minute") {
  const auto abandoned = insert_abandoned();
  store.down = true;

  SECTION("and goes on when it is back") {
    store.failing_claims = 8;
    CHECK(run(engine->recover()).value() == 1);
    CHECK(wait_for_end(abandoned)->status == job_status::success);
  }
  SECTION("then it gives up") {
    const auto begun = clock.now();
    CHECK(run(engine->recover()).error().code == errc::store_unavailable);
    CHECK(clock.now() - begun >= 30s);
    CHECK(clock.now() - begun < 31s);
  }
  SECTION("but not for one that is broken") {
    store.broken = true;
    const auto begun = clock.now();
    CHECK(run(engine->recover()).error().code == errc::store_unavailable);
    CHECK(clock.now() == begun);
  }
}

TEST_CASE_METHOD(engine_fixture, "a job that cannot be read hides none of those behind it") {
  constexpr std::size_t more_than_one_claim = 502;
  make_songs(false);
  for (std::size_t i = 0; i < more_than_one_claim; ++i) insert_abandoned();
  store.last_unreadable = true;

  CHECK(run(engine->recover()).value() == more_than_one_claim - 1);
}

TEST_CASE_METHOD(engine_fixture, "a job that was to be cancelled while nobody had it is cancelled by whoever claims it") {
  const auto abandoned = insert_abandoned();
  store.cancel_requested = true;

  CHECK(run(engine->recover()).value() == 1);
  pass(1s);

  CHECK(run(memory->load(abandoned))->status == job_status::canceled);
  CHECK(writer.asked.empty());
  CHECK(provider->submitted.empty());
  CHECK(engine->active_jobs() == 0);
}

TEST_CASE_METHOD(engine_fixture, "the end of processes is held only against jobs that were worked on") {
  provider->audio = {};
  provider->audio.add(fake_mp3(), 1h);
  make_songs(false);
  const auto job = submit();

  SECTION("one that waits for its song goes on") {
    pass(10s);
    REQUIRE(run(memory->load(job->id))->stage == job_stage::generating);
    restart();
    store.crashes = 5;
    make_songs(true);
    provider->audio = {};
    provider->audio.add(fake_mp3());

    CHECK(run(engine->recover()).value() == 1);
    CHECK(wait_for_end(job->id)->status == job_status::success);
  }
  SECTION("one whose song was being fetched has failed, and keeps the song that was bought") {
    make_songs(true);
    pass(10s);
    REQUIRE(run(memory->load(job->id))->stage == job_stage::fetching);
    restart();
    store.crashes = 3;

    CHECK(run(engine->recover()).value() == 1);
    const auto ended = wait_for_end(job->id);
    CHECK(ended->failure == failure_kind::unexpected);
    CHECK(ended->music.song_id == "song-1");
    CHECK(retryable(*ended));
  }
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "a step that is begun again is no checkpoint") {
  provider->audio = {};
  provider->audio.add(fake_mp3(), 1h);
  make_songs(true);
  const auto job = submit();

  SECTION("the prompt") { pass(500ms); }
  SECTION("fetching") { pass(10s); }
  const auto before = run(memory->load(job->id)).value();
  restart();
  store.updates = 0;
  CHECK(run(engine->recover()).value() == 1);
  pass(500ms);

  CHECK(store.updates == 0);  // an update says that the job got somewhere, and its crashes are forgotten
  CHECK(*run(memory->load(job->id)) == before);
}

TEST_CASE_METHOD(engine_fixture, "a job that comes back before its lost lease has unwound stays with who has it now") {
  provider->make_free();  // one that may cost ends here: its submission is not known
  provider->submissions = {};
  provider->submissions.add(accepted(), 60s);
  provider->submissions.add(accepted("song-2"), 1h);
  store.several = true;
  run(engine->recover()).value();
  const auto job = submit();
  pass(5s);
  store.next_renewal.lost = {job->id};
  pass(10s);
  run(memory->release()).value();
  store.hint();
  pass(10s);
  REQUIRE(provider->submitted.size() == 2);

  pass(60s);  // the first submission ends

  CHECK(engine->active_jobs() == 1);
  CHECK(store.renewed == std::vector{job->id});
  CHECK(run(memory->load(job->id))->music.song_id.empty());
}
