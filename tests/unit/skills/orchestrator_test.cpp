#include "fake_ports.hpp"
#include "log_capture.hpp"
#include "run_virtual.hpp"

#include <music/skills/orchestrator.hpp>
#include <music/store/memory_store.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

/// Keeps every committed state and what the provider had been asked by then.
class recording_journal final : public job_journal {
 public:
  task<result<void>> commit(running_job& running) override {
    committed.push_back(running.state);
    if (on_commit) on_commit(running);
    if (erased) co_return error{errc::not_found};
    co_return result<void>{};
  }

  std::vector<job> committed;
  std::function<void(running_job&)> on_commit;
  bool erased = false;
};

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  std::unique_ptr<audio_store> audio = create_memory_audio_store();
  fake_writer writer{clock};
  fake_provider* paid = nullptr;
  fake_provider* free = nullptr;
  upstream_gate* gate = nullptr;  ///< of the paid provider
  std::unique_ptr<music_generator> music = make_music();
  std::unique_ptr<prompt_generator> prompts = create_prompt_generator(writer, clock, random);
  recording_journal journal;
  std::unique_ptr<orchestrator> skill = create_orchestrator(*prompts, *music, journal, clock, {});
  running_job running{job{}, 1, context.get_executor()};

  fixture() {
    writer.answers.add(good_prompt());
    running.state.request = rainy_night();
    running.state.id = job_id::make(random, clock.wall_now());
    running.deadline = clock.now() + 15min;
  }

  std::unique_ptr<music_generator> make_music() {
    auto suno = std::make_unique<fake_provider>(clock, paid_provider());
    auto info = paid_provider();
    info.name = "local";
    info.paid = false;
    auto local = std::make_unique<fake_provider>(clock, info);
    paid = suno.get();
    free = local.get();
    for (auto* each : {paid, free}) {
      each->submissions.add(accepted());
      each->polls.add(complete());
      each->audio.add(fake_mp3());
    }
    std::vector<std::unique_ptr<music_provider>> providers;
    providers.push_back(std::move(suno));
    providers.push_back(std::move(local));
    return create_music_generator(std::move(providers), *audio, clock, random, {},
                                  [this](std::string_view upstream) { return upstream == "suno" ? gate : nullptr; });
  }

  /// A turn at the gate, held by somebody else.
  turn hold(upstream_gate& of) {
    turn_request who{"somebody", wall_time{}, false};
    auto held = run_virtual_for(context, clock, of.enter(std::move(who), clock, clock.now() + 1s, nullptr));
    REQUIRE(held.has_value());
    return std::move(*held);
  }

  /// Somebody else who comes after a while.
  task<void> take_turn_after(upstream_gate& of, std::chrono::seconds wait, std::optional<time_point>& had_it) {
    co_await clock.sleep_until(clock.now() + wait, use_task);
    turn_request who{"somebody", wall_time{}, false};
    const auto held = co_await of.enter(std::move(who), clock, clock.now() + 1h, nullptr);
    if (held) had_it = clock.now();
  }

  const job& run() {
    run_virtual(context, clock, skill->run(running));
    return running.state;
  }

  /// Begins to drain while the first submission is under way. True if the work ended.
  bool run_and_drain_in_submission() {
    asio::cancellation_signal drain;
    bool ended = false;
    asio::co_spawn(context, skill->run(running),
                   asio::bind_cancellation_slot(drain.slot(), [&ended](std::exception_ptr) { ended = true; }));
    while (paid->submitted.empty()) {
      context.restart();
      context.poll();
      if (paid->submitted.empty()) clock.advance_to_next();
    }
    running.leave = true;
    drain.emit(asio::cancellation_type::terminal);
    for (int turn = 0; turn < 10 && !ended; ++turn) {
      context.restart();
      context.poll();
      clock.advance_to_next();
    }
    return ended;
  }

  [[nodiscard]] bool committed(std::function<bool(const job&)> wanted) const {
    return std::any_of(journal.committed.begin(), journal.committed.end(), wanted);
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "a theme becomes a stored song") {
  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.prompt.text == good_prompt().text);
  CHECK(done.music.provider == "suno");
  REQUIRE(done.tracks.size() == 1);
  CHECK(done.tracks[0].sha256.size() == 64);
  CHECK(done.charged == charge::yes);
  CHECK(writer.asked.size() == 1);
  CHECK(paid->submitted.size() == 1);
  CHECK(free->submitted.empty());
}

TEST_CASE_METHOD(fixture, "a job for its prompt ends in the commit that has it, and asks no music service") {
  running.state.request.goal = job_goal::prompt;

  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.prompt.text == good_prompt().text);
  CHECK(done.charged == charge::no);
  CHECK(writer.asked.size() == 1);
  CHECK(paid->submitted.empty());
  CHECK(free->submitted.empty());
  CHECK_FALSE(committed([](const job& each) { return each.prompt.status == step_status::complete && !each.done(); }));
}

TEST_CASE_METHOD(fixture, "the intent is committed before the submission and the song id before the first poll") {
  std::size_t submissions_at_intent = 99;
  std::size_t polls_at_song_id = 99;
  journal.on_commit = [&](running_job& job) {
    if (job.state.music.submission == submission_state::intent) submissions_at_intent = paid->submitted.size();
    if (job.state.music.submission == submission_state::accepted && polls_at_song_id == 99)
      polls_at_song_id = paid->polled_at.size();
  };

  run();

  CHECK(submissions_at_intent == 0);
  CHECK(polls_at_song_id == 0);
}

TEST_CASE_METHOD(fixture, "versions that are committed grow and the last one has ended") {
  run();

  for (std::size_t i = 1; i < journal.committed.size(); ++i)
    CHECK(journal.committed[i].version > journal.committed[i - 1].version);
  CHECK(journal.committed.back().done());
}

TEST_CASE_METHOD(fixture, "a failed prompt buys nothing") {
  writer.answers = {};
  writer.answers.add(error{errc::authentication});

  CHECK(run().failure == failure_kind::prompt_generation_failed);
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "an unknown submission is neither repeated nor passed on to another provider") {
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::unknown, errc::timeout));

  const auto& done = run();

  CHECK(done.music.failure == errc::submission_unknown);
  CHECK(done.charged == charge::maybe);
  CHECK(paid->submitted.size() == 1);
  CHECK(free->submitted.empty());
}

TEST_CASE_METHOD(fixture, "a refusal that certainly cost nothing lets the next provider try") {
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::refused, errc::authentication));

  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.music.provider == "local");
  CHECK(done.charged == charge::no);
}

TEST_CASE_METHOD(fixture, "a provider that was asked for by name is the only one") {
  running.state.request.provider = "suno";
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::refused, errc::authentication));

  CHECK(run().music.failure == errc::authentication);
  CHECK(free->submitted.empty());
}

TEST_CASE_METHOD(fixture, "a free song that was lost is made again, a paid one is not") {
  running.state.request.provider = "local";
  free->polls = {};
  free->polls.add(error{errc::song_unknown});
  free->polls.add(complete());
  CHECK(run().status == job_status::success);
  CHECK(free->submitted.size() == 2);
}

TEST_CASE_METHOD(fixture, "a paid song that the provider does not know is an error, not a second purchase") {
  paid->polls = {};
  paid->polls.add(error{errc::song_unknown});

  CHECK(run().music.failure == errc::result_unavailable);
  CHECK(paid->submitted.size() == 1);
}

TEST_CASE_METHOD(fixture, "a job that was interrupted with a song id polls that song and submits nothing") {
  running.state.prompt.status = step_status::complete;
  running.state.prompt.text = good_prompt().text;
  running.state.music.provider = "suno";
  running.state.music.submission = submission_state::accepted;
  running.state.music.song_id = "song-1";

  CHECK(run().status == job_status::success);
  CHECK(writer.asked.empty());
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "the deadline ends a job that hangs, at the deadline") {
  paid->polls = {};
  paid->polls.add(generating(), 1h);
  const auto started = clock.now();
  running.deadline = started + 60s;

  CHECK(run().status == job_status::expired);
  CHECK(clock.now() - started <= 60s + 10ms);
}

TEST_CASE_METHOD(fixture, "a cancel during the prompt ends the job before anything is bought") {
  writer.answers = {};
  writer.answers.add(good_prompt(), 1h);
  record(running, happened::cancel_requested{}, clock, 1h);
  running.cancel.set();

  CHECK(run().status == job_status::canceled);
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "a cancel between intent and submission sends nothing") {
  journal.on_commit = [](running_job& job) {
    if (job.state.music.submission == submission_state::intent) {
      job.state.cancel_requested = true;
      job.cancel.set();
    }
  };

  CHECK(run().status == job_status::canceled);
  CHECK(running.state.charged == charge::no);
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "what a provider cannot do is told as a warning") {
  running.state.request.seed = 7;
  running.state.request.duration_seconds = 60;

  CHECK(run().warnings == std::vector<std::string>{"duration_seconds is not supported by suno and was ignored",
                                                   "seed is not supported by suno and was ignored"});
}

TEST_CASE_METHOD(fixture, "every wish that a provider cannot keep has its warning") {
  auto& wish = running.state.request;
  wish.title = "Rain";
  wish.lyrics = "la";
  wish.negative_tags = "drums";
  wish.model = "V5";
  wish.quality = audio_quality::high;
  wish.format = audio_format::flac;

  const auto warnings = run().warnings;

  for (const std::string field : {"format", "title", "lyrics", "negative_tags", "model", "quality"}) {
    INFO(field);
    CHECK(std::find(warnings.begin(), warnings.end(), field + " is not supported by suno and was ignored") != warnings.end());
  }
  CHECK(warnings.size() == 6);
}

TEST_CASE_METHOD(fixture, "the wishes of a request reach the provider") {
  auto& wish = running.state.request;
  wish.lyrics = "la";
  wish.negative_tags = "drums";
  wish.model = "V5";
  wish.quality = audio_quality::high;

  run();

  REQUIRE(paid->submitted.size() == 1);
  CHECK(paid->submitted[0].lyrics == "la");
  CHECK(paid->submitted[0].negative_tags == "drums");
  CHECK(paid->submitted[0].model == "V5");
  CHECK(paid->submitted[0].quality == audio_quality::high);
}

TEST_CASE_METHOD(fixture, "what the caller did not say comes from the plan") {
  auto planned = good_prompt();
  planned.plan = {
      .title = "Neon Rain", .tags = "lofi, 82 BPM", .lyrics = "[Verse]\nRain", .negative_tags = "drums", .instrumental = false};
  writer.answers = {};
  writer.answers.add(planned);
  running.state.request.tags.clear();

  const auto& done = run();

  CHECK(done.prompt.plan == planned.plan);
  REQUIRE(paid->submitted.size() == 1);
  const auto& song = paid->submitted[0];
  CHECK(song.title == "Neon Rain");
  CHECK(song.tags == "lofi, 82 BPM");
  CHECK(song.lyrics == "[Verse]\nRain");
  CHECK(song.negative_tags == "drums");
  CHECK(song.instrumental == false);
  CHECK(done.warnings.empty());
}

TEST_CASE_METHOD(fixture, "the caller wins over the plan") {
  auto planned = good_prompt();
  planned.plan = {
      .title = "Neon Rain", .tags = "lofi", .lyrics = "[Verse]\nRain", .negative_tags = "drums", .instrumental = true};
  writer.answers = {};
  writer.answers.add(planned);
  auto& wish = running.state.request;
  wish.title = "Mine";
  wish.tags = "jazz";
  wish.lyrics = "My words";
  wish.negative_tags = "strings";

  run();

  REQUIRE(paid->submitted.size() == 1);
  const auto& song = paid->submitted[0];
  CHECK(song.title == "Mine");
  CHECK(song.tags == "jazz");
  CHECK(song.lyrics == "My words");
  CHECK(song.negative_tags == "strings");
  CHECK(!song.instrumental);  // whoever brings lyrics wants them sung
  CHECK(writer.asked[0].lyrics == "My words");
}

TEST_CASE_METHOD(fixture, "an instrumental song gets no planned lyrics") {
  auto planned = good_prompt();
  planned.plan.lyrics = "[Verse]\nRain";
  writer.answers = {};
  writer.answers.add(planned);
  running.state.request.instrumental = true;

  run();

  CHECK(paid->submitted.at(0).lyrics.empty());
  CHECK(paid->submitted.at(0).instrumental == true);
}

TEST_CASE_METHOD(fixture, "a job that waits for its turn at the prompt writer has not begun") {
  upstream_gate narrow{{.most_at_once = 1}};
  prompts = create_prompt_generator(writer, clock, random, {}, &narrow);
  skill = create_orchestrator(*prompts, *music, journal, clock, {});
  const auto held = hold(narrow);

  CHECK(run().status == job_status::expired);
  CHECK(running.state.prompt.status == step_status::pending);
  CHECK(writer.asked.empty());
  REQUIRE(journal.committed.size() == 1);
  CHECK(journal.committed[0].done());
}

TEST_CASE_METHOD(fixture, "a job waits for its turn before anything is intended, and its deadline costs nothing then") {
  upstream_gate full{{.most_at_once = 1}};
  gate = &full;
  const auto held = hold(full);

  CHECK(run().status == job_status::expired);
  CHECK(running.state.charged == charge::no);
  CHECK(paid->submitted.empty());
  CHECK_FALSE(committed([](const job& state) { return state.music.submission == submission_state::intent; }));
}

TEST_CASE_METHOD(fixture, "a cancel ends the wait for a turn") {
  upstream_gate full{{.most_at_once = 1}};
  gate = &full;
  const auto held = hold(full);
  journal.on_commit = [](running_job& job) {
    if (job.state.stage != job_stage::submitting) return;
    job.state.cancel_requested = true;
    job.cancel.set();
  };

  CHECK(run().status == job_status::canceled);
  CHECK(running.state.charged == charge::no);
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "a turn is held until the song is ready, and then it is the next one's") {
  upstream_gate narrow{{.most_at_once = 1}};
  gate = &narrow;
  paid->polls = {};
  for (int i = 0; i < 5; ++i) paid->polls.add(generating());
  paid->polls.add(complete());
  std::optional<time_point> next_had_it;
  asio::co_spawn(context.get_executor(), take_turn_after(narrow, 5s, next_had_it), asio::detached);
  const auto began = clock.now();

  CHECK(run().status == job_status::success);
  REQUIRE(next_had_it);
  CHECK(*next_had_it - began >= 10s);  // six polls, two seconds apart
}

TEST_CASE_METHOD(fixture, "a free provider that may have taken the song is passed over: nothing is bought twice") {
  paid->make_free();
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::unknown, errc::request_error));

  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.music.provider == "local");
  CHECK(done.charged == charge::no);
}

TEST_CASE_METHOD(fixture, "a song that was not begun for lack of time says nothing about its provider") {
  upstream_gate strict{{.failures_to_open = 1, .pause = 10min}};
  gate = &strict;
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::not_sent, errc::deadline_exceeded));

  const auto& done = run();

  CHECK(done.music.provider == "local");
  CHECK(done.charged == charge::no);
  hold(strict);
}

TEST_CASE_METHOD(fixture, "a provider whose circuit is open is passed over, and nothing is sent to it") {
  upstream_gate broken{{.failures_to_open = 1, .pause = 10min}};
  gate = &broken;
  auto failing = hold(broken);
  failing.settle(false, clock.now());
  failing.give_back();

  CHECK(run().status == job_status::success);
  CHECK(running.state.music.provider == "local");
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "an erased job is worked on no further") {
  journal.erased = true;

  run();

  CHECK(journal.committed.size() == 1);
  CHECK(paid->submitted.empty());
}

TEST_CASE_METHOD(fixture, "draining lets a submission in flight finish and commits its song id") {
  paid->submissions = {};
  paid->submissions.add(accepted(), 5s);
  log_capture capture;

  CHECK(run_and_drain_in_submission());

  CHECK(journal.committed.back().music.song_id == "song-1");
  CHECK_FALSE(journal.committed.back().done());
  CHECK(paid->polled_at.empty());
  CHECK(capture.text().find("Operation: submit_song | Status: success") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a submission that fails in the drain is not passed on to the next provider") {
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::refused, errc::quota_exhausted), 5s);

  CHECK(run_and_drain_in_submission());

  CHECK(free->submitted.empty());
  CHECK_FALSE(journal.committed.back().done());
  CHECK(journal.committed.back().music.submission == submission_state::none);
}

TEST_CASE_METHOD(fixture, "a step that is begun again is noted no second time") {
  const auto prompting = [](const job& each) { return each.stage == job_stage::prompting; };
  const auto fetching = [](const job& each) { return each.stage == job_stage::fetching; };
  running.state.status = job_status::running;

  SECTION("the prompt") {
    running.state.stage = job_stage::prompting;
    running.state.prompt.status = step_status::running;
    running.durable_version = running.state.version;
    CHECK(run().status == job_status::success);
    CHECK_FALSE(committed(prompting));
  }
  SECTION("fetching") {
    running.state.stage = job_stage::fetching;
    running.state.prompt.status = step_status::complete;
    running.state.music.status = step_status::running;
    running.state.music.provider = "suno";
    running.state.music.submission = submission_state::accepted;
    running.state.music.song_id = "song-1";
    running.durable_version = running.state.version;
    CHECK(run().status == job_status::success);
    CHECK_FALSE(committed(fetching));
  }
}

TEST_CASE_METHOD(fixture, "the log tells lengths and outcomes, never theme or prompt") {
  log_capture capture;

  run();
  const auto logged = capture.text();

  CHECK(logged.find("generate_music_from_theme") != std::string::npos);
  CHECK(logged.find("rainy") == std::string::npos);
  CHECK(logged.find("mellow") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a song that can be listened to is told while it is generated, and not afterwards") {
  paid->polls = {};
  paid->polls.add(playable("https://cdn.test/stream"));
  paid->polls.add(playable("https://cdn.test/stream"));
  paid->polls.add(complete());

  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.music.preview.empty());
  const auto told = [](const job& state) {
    return state.stage == job_stage::generating && state.music.preview == "https://cdn.test/stream";
  };
  CHECK(std::count_if(journal.committed.begin(), journal.committed.end(), told) == 1);
}

TEST_CASE_METHOD(fixture, "a song whose submission was not answered is found again and not bought again") {
  fake_news news{clock};
  paid->heard = &news;
  paid->find_lost_songs();
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::unknown, errc::timeout));
  news.lost.add(std::string{"song-7"}, 40s);
  news.told.add(true, 1s);

  const auto& done = run();

  CHECK(done.status == job_status::success);
  CHECK(done.music.song_id == "song-7");
  CHECK(done.charged == charge::yes);
  CHECK(paid->submitted.size() == 1);
  CHECK(free->submitted.empty());
  CHECK(committed([](const job& state) {
    return state.status == job_status::running && state.music.submission == submission_state::unknown &&
           state.charged == charge::maybe;
  }));
}

TEST_CASE_METHOD(fixture, "a lost song of which nothing is heard ends the job as unknown") {
  fake_news news{clock};
  paid->heard = &news;
  paid->find_lost_songs();
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::unknown, errc::timeout));
  news.lost.add(error{errc::submission_unknown}, 300s);

  const auto& done = run();

  CHECK(done.status == job_status::error);
  CHECK(done.music.failure == errc::submission_unknown);
  CHECK(done.charged == charge::maybe);
  CHECK(paid->submitted.size() == 1);
  CHECK(free->submitted.empty());
}

TEST_CASE_METHOD(fixture, "the wait for a lost song can be canceled, and what it may have cost stays told") {
  fake_news news{clock};
  paid->heard = &news;
  paid->find_lost_songs();
  paid->submissions = {};
  paid->submissions.add(not_accepted(submission_fate::unknown, errc::timeout));
  news.lost.add(error{errc::submission_unknown}, 300s);
  journal.on_commit = [](running_job& state) {
    if (state.state.music.submission == submission_state::unknown) state.cancel.set();
  };

  const auto& done = run();

  CHECK(done.status == job_status::canceled);
  CHECK(done.charged == charge::maybe);
  CHECK(clock.now() < running.deadline - 10min);
}
