#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

TEST_CASE_METHOD(engine_fixture, "a submitted job is stored, visible and worked on to its end") {
  const auto job = submit();
  CHECK(job->status == job_status::queued);
  CHECK(run(memory->load(job->id)).has_value());

  const auto done = wait_for_end(job->id);

  CHECK(done->status == job_status::success);
  CHECK(run(memory->load(job->id)).value() == *done);
  CHECK(service().peek(job->id.text(), somebody) == done);
}

TEST_CASE_METHOD(engine_fixture, "a job of somebody else is not found, exactly like one that never was") {
  const auto job = submit();
  const caller other{"bob"};

  CHECK(service().peek(job->id.text(), other) == nullptr);
  CHECK(run(service().find(job->id, other)).error().code == errc::not_found);
  CHECK(run(control().cancel(job->id, other)).error().code == errc::not_found);
  CHECK(run(control().erase(job->id, other)).error().code == errc::not_found);
  CHECK(run(service().list({}, other))->jobs.empty());
}

TEST_CASE_METHOD(engine_fixture, "the same key and request give the same job, another request is refused") {
  const auto first = run(service().submit(rainy_night(), somebody, request_key{"key-1"}));
  const auto again = run(service().submit(rainy_night(), somebody, request_key{"key-1"}));
  auto other_request = rainy_night();
  other_request.theme = "sunny day";
  const auto reused = run(service().submit(other_request, somebody, request_key{"key-1"}));
  const auto elsewhere = run(service().submit(rainy_night(), caller{"bob"}, request_key{"key-1"}));

  CHECK_FALSE(first->replayed);
  CHECK(again->replayed);
  CHECK(again->job->id == first->job->id);
  CHECK(reused.error().code == errc::key_reused);
  CHECK_FALSE(elsewhere->replayed);
  wait_for_end(first->job->id);
  CHECK(provider->submitted.size() == 2);
}

TEST_CASE_METHOD(engine_fixture, "the same key on another route is another request") {
  const auto first = run(service().submit(rainy_night(), somebody, request_key{"key-1"}));
  const auto other = run(service().submit(rainy_night(), somebody, request_key{"key-1", "POST /mcp"}));

  CHECK_FALSE(other->replayed);
  CHECK(other->job->id != first->job->id);
}

TEST_CASE_METHOD(engine_fixture, "a job with a given prompt writes none and sends that one") {
  generate_request request;
  request.prompt = "Slow lofi, soft rain.";
  const auto job = run(service().submit(request, somebody, request_key{"key-1"}))->job;
  CHECK(job->prompt.status == step_status::complete);

  const auto done = wait_for_end(job->id);

  CHECK(done->status == job_status::success);
  CHECK(writer.asked.empty());
  REQUIRE(provider->submitted.size() == 1);
  CHECK(provider->submitted[0].prompt == "Slow lofi, soft rain.");
  CHECK(run(service().submit(request, somebody, request_key{"key-1"}))->replayed);
  request.prompt = "Slow lofi, heavy rain.";
  CHECK(run(service().submit(request, somebody, request_key{"key-1"})).error().code == errc::key_reused);
}

TEST_CASE_METHOD(engine_fixture, "a job for its prompt goes on after a restart and can be erased when it has ended") {
  auto request = rainy_night();
  request.goal = job_goal::prompt;
  const auto interrupted = submit(std::move(request));
  pass(500ms);
  CHECK(service().peek(interrupted->id.text(), somebody)->stage == job_stage::prompting);

  restart();
  run(engine->recover());
  const auto done = wait_for_end(interrupted->id);

  CHECK(done->status == job_status::success);
  CHECK(done->prompt.text == good_prompt().text);
  CHECK(provider->submitted.empty());
  CHECK(run(control().retry(done->id, somebody, true)).error().code == errc::conflict);
  pass(1s);
  CHECK(run(control().erase(done->id, somebody)).has_value());
  CHECK(run(service().find(done->id, somebody)).error().code == errc::not_found);
}

TEST_CASE_METHOD(engine_fixture, "a job for its prompt that failed writes it again when it is retried") {
  writer.answers = {};
  writer.answers.add(error{errc::authentication});
  writer.answers.add(good_prompt());
  auto request = rainy_night();
  request.goal = job_goal::prompt;
  const auto failed = wait_for_end(submit(std::move(request))->id);
  CHECK(failed->failure == failure_kind::prompt_generation_failed);
  pass(1s);

  REQUIRE(run(control().retry(failed->id, somebody, false)).has_value());

  CHECK(wait_for_end(failed->id)->status == job_status::success);
  CHECK(writer.asked.size() == 2);
  CHECK(provider->submitted.empty());
}

TEST_CASE_METHOD(engine_fixture, "the same key for the song and for its prompt alone is two requests") {
  auto request = rainy_night();
  run(service().submit(request, somebody, request_key{"k", "r"}));
  request.goal = job_goal::prompt;

  CHECK(run(service().submit(request, somebody, request_key{"k", "r"})).error().code == errc::key_reused);
}

TEST_CASE_METHOD(engine_fixture, "past the limit jobs are refused until one has ended") {
  restart({.most_active_jobs = 2});
  const auto first = submit();
  submit();
  CHECK(run(service().submit(rainy_night(), somebody, {})).error().code == errc::queue_full);

  wait_for_end(first->id);

  CHECK(run(service().submit(rainy_night(), somebody, {})).has_value());
}

TEST_CASE_METHOD(engine_fixture, "an idempotent replay takes no place") {
  restart({.most_active_jobs = 2});
  run(service().submit(rainy_night(), somebody, request_key{"k"})).value();

  for (int i = 0; i < 5; ++i) CHECK(run(service().submit(rainy_night(), somebody, request_key{"k"}))->replayed);

  CHECK(run(service().submit(rainy_night(), somebody, {})).has_value());
}

TEST_CASE_METHOD(engine_fixture, "a provider that is not configured is refused before anything is stored") {
  auto request = rainy_night();
  request.provider = "nobody";

  CHECK(run(service().submit(request, somebody, {})).error().code == errc::invalid_argument);
  CHECK(run(memory->select({}))->empty());
}

TEST_CASE_METHOD(engine_fixture, "while the store is away nothing is accepted and running jobs wait for it") {
  const auto job = submit();
  store.down = true;
  CHECK(run(service().submit(rainy_night(), somebody, {})).error().code == errc::store_unavailable);
  pass(60s);
  CHECK(engine->state() == "store_unavailable");
  CHECK(provider->submitted.empty());

  store.down = false;

  CHECK(wait_for_end(job->id)->status == job_status::success);
  CHECK(engine->state() == "ok");
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "waiting for a change ends at the next version, waiting for the end at the end") {
  const auto job = submit();

  const auto changed = run(service().wait(job->id, somebody, wait_for::change, job->version, clock.now() + 60s)).value();

  CHECK(changed->version > job->version);
  CHECK_FALSE(changed->done());
  CHECK(wait_for_end(job->id)->done());
}

TEST_CASE_METHOD(engine_fixture, "waiting gives the job as it is when the time is over") {
  provider->polls = {};
  provider->polls.add(generating());
  const auto job = submit();
  const auto started = clock.now();

  const auto seen = run(service().wait(job->id, somebody, wait_for::end, 0, started + 10s)).value();

  CHECK_FALSE(seen->done());
  CHECK(clock.now() == started + 10s);
}

TEST_CASE_METHOD(engine_fixture, "a cancel while the song is being made ends the job and tells that it was paid") {
  provider->polls = {};
  provider->polls.add(generating());
  const auto job = submit();
  pass(10s);

  const auto answer = run(control().cancel(job->id, somebody)).value();

  CHECK(answer->status == job_status::canceled);
  CHECK(answer->charged == charge::yes);
  CHECK(run(memory->load(job->id))->status == job_status::canceled);
}

TEST_CASE_METHOD(engine_fixture, "a cancel while the submission is in flight lets it finish first") {
  provider->submissions = {};
  provider->submissions.add(accepted(), 30s);
  const auto job = submit();
  pass(5s);

  const auto answer = run(control().cancel(job->id, somebody)).value();
  CHECK(answer->status == job_status::canceling);

  const auto ended = wait_for_end(job->id);
  CHECK(ended->status == job_status::canceled);
  CHECK(ended->charged == charge::yes);
  CHECK(ended->music.song_id == "song-1");
}

TEST_CASE_METHOD(engine_fixture, "cancelling what has ended changes nothing") {
  const auto job = submit();
  const auto done = wait_for_end(job->id);

  CHECK(run(control().cancel(job->id, somebody)).value() == done);
}

TEST_CASE_METHOD(engine_fixture, "a running job cannot be erased, an ended one is gone with its audio") {
  const auto job = submit();
  CHECK(run(control().erase(job->id, somebody)).error().code == errc::conflict);
  const auto done = wait_for_end(job->id);
  pass(1s);

  CHECK(run(control().erase(job->id, somebody)).has_value());

  CHECK(run(service().find(job->id, somebody)).error().code == errc::not_found);
  CHECK(run(audio->open(done->tracks[0].audio_key)).error().code == errc::not_found);
}

TEST_CASE_METHOD(engine_fixture, "a retry polls the known song and buys nothing") {
  provider->polls = {};
  provider->polls.add(generating());
  const auto job = submit();
  CHECK(wait_for_end(job->id)->music.failure == errc::generation_timeout);
  pass(1s);
  provider->polls = {};
  provider->polls.add(complete());

  const auto again = run(control().retry(job->id, somebody, false)).value();

  CHECK_FALSE(again->done());
  CHECK(wait_for_end(job->id)->status == job_status::success);
  CHECK(provider->submitted.size() == 1);
  CHECK(writer.asked.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "an unknown submission is sent again only when asked for in so many words") {
  provider->submissions = {};
  provider->submissions.add(not_accepted(submission_fate::unknown, errc::timeout));
  const auto job = submit();
  CHECK(wait_for_end(job->id)->music.failure == errc::submission_unknown);
  pass(1s);
  CHECK(run(control().retry(job->id, somebody, false)).error().code == errc::conflict);
  CHECK(provider->submitted.size() == 1);
  provider->submissions = {};
  provider->submissions.add(accepted());

  CHECK(run(control().retry(job->id, somebody, true)).has_value());
  CHECK(wait_for_end(job->id)->status == job_status::success);
  CHECK(provider->submitted.size() == 2);
}

TEST_CASE_METHOD(engine_fixture, "a job that succeeded or runs cannot be retried") {
  const auto job = submit();
  CHECK(run(control().retry(job->id, somebody, false)).error().code == errc::conflict);
  wait_for_end(job->id);
  pass(1s);
  CHECK(run(control().retry(job->id, somebody, false)).error().code == errc::conflict);
}

TEST_CASE_METHOD(engine_fixture, "after a restart a job with a song id goes on polling and submits nothing") {
  provider->polls = {};
  provider->polls.add(generating());
  const auto job = submit();
  pass(10s);
  restart();
  provider->polls = {};
  provider->polls.add(complete());

  CHECK(run(engine->recover()).value() == 1);

  CHECK(wait_for_end(job->id)->status == job_status::success);
  CHECK(provider->submitted.size() == 1);
  CHECK(writer.asked.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "after a restart an intent without an answer ends as unknown, durably") {
  const auto job = submit();
  wait_for_end(job->id);
  auto interrupted = run(memory->load(job->id)).value();
  interrupted.status = job_status::running;
  interrupted.stage = job_stage::submitting;
  interrupted.music.submission = submission_state::intent;
  interrupted.music.song_id.clear();
  interrupted.completed_at.reset();
  interrupted.tracks.clear();
  run(memory->update(interrupted, 1)).value();
  restart();

  CHECK(run(engine->recover()).value() == 1);

  const auto ended = wait_for_end(job->id);
  CHECK(ended->music.failure == errc::submission_unknown);
  CHECK(ended->charged == charge::maybe);
  pass(1s);
  CHECK(run(memory->load(job->id))->done());
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "after a restart an intent of a provider that costs nothing is simply sent again") {
  const auto job = submit();
  wait_for_end(job->id);
  auto interrupted = run(memory->load(job->id)).value();
  interrupted.status = job_status::running;
  interrupted.stage = job_stage::submitting;
  interrupted.music.submission = submission_state::intent;
  interrupted.music.song_id.clear();
  interrupted.completed_at.reset();
  interrupted.tracks.clear();
  interrupted.charged = charge::no;
  run(memory->update(interrupted, 1)).value();
  provider->make_free();
  restart();

  CHECK(run(engine->recover()).value() == 1);

  CHECK(wait_for_end(job->id)->status == job_status::success);
  CHECK(provider->submitted.size() == 2);
}

TEST_CASE_METHOD(engine_fixture, "after a restart an intent whose song the provider still tells is not lost") {
  const auto job = submit();
  wait_for_end(job->id);
  auto interrupted = run(memory->load(job->id)).value();
  interrupted.status = job_status::running;
  interrupted.stage = job_stage::submitting;
  interrupted.music.submission = submission_state::intent;
  interrupted.music.song_id.clear();
  interrupted.completed_at.reset();
  interrupted.tracks.clear();
  run(memory->update(interrupted, 1)).value();
  fake_news news{clock};
  news.lost.add(std::string{"song-1"}, 30s);
  news.told.add(true, 1s);
  provider->heard = &news;
  provider->find_lost_songs();
  restart();

  CHECK(run(engine->recover()).value() == 1);

  const auto ended = wait_for_end(job->id);
  CHECK(ended->status == job_status::success);
  CHECK(ended->charged == charge::yes);
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(engine_fixture, "draining refuses new jobs and leaves running ones at their checkpoint") {
  provider->polls = {};
  provider->polls.add(generating());
  const auto job = submit();
  pass(10s);

  engine->begin_drain();
  CHECK(engine->state() == "draining");
  CHECK(run(service().submit(rainy_night(), somebody, {})).error().code == errc::draining);
  CHECK(run(engine->drain(0, clock.now() + 8s)));

  const auto stored = run(memory->load(job->id)).value();
  CHECK_FALSE(stored.done());
  CHECK(stored.music.song_id == "song-1");
}

TEST_CASE_METHOD(engine_fixture, "what has expired is erased with its audio") {
  run(engine->recover()).value();
  const auto job = submit();
  const auto done = wait_for_end(job->id);

  pass(25h);

  CHECK(run(service().find(job->id, somebody)).error().code == errc::not_found);
  CHECK(run(audio->open(done->tracks[0].audio_key)).error().code == errc::not_found);
}

TEST_CASE_METHOD(engine_fixture, "a page ends where the limit says and the cursor goes on from there") {
  std::vector<job_id> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(submit()->id);
    pass(10ms);
  }

  const auto first = run(service().list({.limit = 3}, somebody)).value();
  const auto rest_of_it = run(service().list({.cursor = first.next_cursor, .limit = 3}, somebody)).value();

  REQUIRE(first.jobs.size() == 3);
  CHECK(first.jobs[0]->id == ids[4]);
  CHECK(first.next_cursor == ids[2]);
  REQUIRE(rest_of_it.jobs.size() == 2);
  CHECK(rest_of_it.jobs[1]->id == ids[0]);
  CHECK_FALSE(rest_of_it.next_cursor);
}

TEST_CASE_METHOD(engine_fixture, "a job that ended its process three times in a row ends as an error and submits nothing") {
  provider->submissions = {};
  provider->submissions.add(accepted(), 1h);
  const auto job = submit();
  restart();
  store.crashes = 3;

  CHECK(run(engine->recover()).value() == 1);

  const auto ended = wait_for_end(job->id);
  CHECK(ended->status == job_status::error);
  CHECK(ended->failure == failure_kind::unexpected);
  CHECK(provider->submitted.empty());
}

TEST_CASE_METHOD(engine_fixture, "a job that another instance took over is left alone, and read from the store from then on") {
  provider->polls = {};
  provider->polls.add(generating());
  store.several = true;
  run(engine->recover()).value();
  const auto job = submit();
  pass(5s);
  run(memory->release()).value();
  const auto taken = run(memory->claim(1)).value();
  REQUIRE(taken.size() == 1);
  auto theirs = taken.front().state;
  theirs.version += 10;
  run(memory->update(theirs, taken.front().lease)).value();

  CHECK(run(control().cancel(job->id, somebody)).has_value());  // makes our instance write, and learn that it is too late
  pass(5s);

  const auto polls = provider->polled_at.size();
  pass(60s);
  CHECK(provider->polled_at.size() == polls);
  CHECK(run(service().find(job->id, somebody)).value()->version == theirs.version);
  CHECK(*run(memory->load(job->id)) == theirs);
}

TEST_CASE_METHOD(engine_fixture, "an instance renews what it works on and hears what others ask of it") {
  provider->polls = {};
  provider->polls.add(generating());
  store.several = true;
  run(engine->recover()).value();
  const auto job = submit();

  pass(15s);
  CHECK(store.renewed == std::vector{job->id});
  store.next_renewal.cancel_requested = {job->id};
  pass(15s);

  CHECK(run(service().find(job->id, somebody)).value()->status == job_status::canceled);
}

TEST_CASE_METHOD(engine_fixture, "a lease that was lost ends the work without another write") {
  provider->polls = {};
  provider->polls.add(generating());
  store.several = true;
  run(engine->recover()).value();
  const auto job = submit();
  pass(5s);
  const auto before = run(memory->load(job->id)).value();
  store.next_renewal.lost = {job->id};

  pass(60s);

  CHECK(*run(memory->load(job->id)) == before);
}

TEST_CASE_METHOD(engine_fixture, "a hint of the store brings an abandoned job before the usual time") {
  store.several = true;
  run(engine->recover()).value();
  const auto abandoned = insert_abandoned();

  store.hint();
  pass(2s);

  CHECK(run(memory->load(abandoned))->status == job_status::running);
}

TEST_CASE_METHOD(engine_fixture, "a cancel of a job that another instance works on leaves word for it") {
  store.several = true;
  job theirs;
  theirs.id = job_id::make(random, clock.wall_now());
  theirs.owner = somebody.name;
  theirs.request = rainy_night();
  run(memory->insert(theirs, std::nullopt)).value();

  const auto asked = run(control().cancel(theirs.id, somebody));

  REQUIRE(asked.has_value());
  CHECK_FALSE((*asked)->done());
  CHECK(store.cancel_requests == std::vector{theirs.id});
}

namespace {

/// Tells each status that a job comes to, once: the id says which.
class status_teller final : public notifier {
 public:
  [[nodiscard]] std::vector<field_error> check(const webhook_request&) const override { return {}; }
  [[nodiscard]] std::vector<delivery> deliveries_for(const job& before, const job& after) const override {
    if (before.status == after.status) return {};
    delivery told;
    told.id = after.id.text() + std::string{name(after.status)};
    told.job = after.id;
    told.event = name(after.status);
    told.version = after.version;
    told.endpoint = "here";
    return {told};
  }
  void stored() noexcept override { ++looks; }

  int looks = 0;
};

std::vector<std::string> told_of(engine_fixture& on, const job_id& id) {
  std::vector<std::string> events;
  for (const auto& each : on.run(on.memory->deliveries().of_job(id)).value()) events.push_back(each.event);
  return events;
}

}  // namespace

TEST_CASE("what is told of a job is committed with its changes, each once, also while the store is away") {
  engine_fixture on;
  status_teller tells;
  on.restart({.tells = &tells});
  const auto job = on.submit();
  on.store.down = true;
  on.pass(3s);
  on.store.down = false;
  on.wait_for_end(job->id);
  on.pass(1s);

  CHECK(told_of(on, job->id) == std::vector<std::string>{"running", "success"});
  CHECK(tells.looks >= 2);
  on.rest();
}

TEST_CASE("the end of a job that a restart interrupted is told by the next process") {
  engine_fixture on;
  status_teller tells;
  on.restart({.tells = &tells});
  on.provider->polls = {};
  on.provider->polls.add(generating());
  const auto job = on.submit();
  on.pass(10s);
  on.provider->polls = {};
  on.provider->polls.add(complete());

  on.restart({.tells = &tells});
  on.run(on.engine->recover());
  on.wait_for_end(job->id);
  on.pass(1s);

  CHECK(told_of(on, job->id) == std::vector<std::string>{"running", "success"});
  on.rest();
}
