#include "fake_ports.hpp"

#include <music/skills/orchestrator_fsm.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

constexpr wall_time noon{std::chrono::hours{12}};
constexpr std::chrono::seconds day{86400};

job fresh() {
  job made;
  made.request = rainy_night();
  made.updated_at = noon;
  return made;
}

job after(std::vector<job_event> events) {
  auto made = fresh();
  for (const auto& event : events) apply(made, event, noon, day);
  return made;
}

const std::vector<job_event> until_prompt{happened::prompt_started{}, happened::prompt_written{good_prompt()}};
const std::vector<job_event> until_intent{happened::prompt_started{}, happened::prompt_written{good_prompt()},
                                          happened::submission_intended{"suno", {}}};
const std::vector<job_event> until_song{happened::prompt_started{}, happened::prompt_written{good_prompt()},
                                        happened::submission_intended{"suno", {}}, happened::song_accepted{"song-1", true}};

std::vector<job_event> plus(std::vector<job_event> events, job_event one) {
  events.push_back(std::move(one));
  return events;
}

}  // namespace

TEST_CASE("the steps come in their order") {
  CHECK(next_step(fresh()) == job_step::write_prompt);
  CHECK(next_step(after(until_prompt)) == job_step::submit);
  CHECK(next_step(after(until_song)) == job_step::follow_song);
  CHECK(next_step(after(plus(until_song, happened::audio_stored{{track{}}}))) == job_step::none);
}

TEST_CASE("each stage is told as the contract names it") {
  CHECK(fresh().stage == job_stage::accepted);
  CHECK(after({happened::prompt_started{}}).stage == job_stage::prompting);
  CHECK(after(until_intent).stage == job_stage::submitting);
  CHECK(after(until_song).stage == job_stage::generating);
  CHECK(after(plus(until_song, happened::song_ready{})).stage == job_stage::fetching);
  CHECK(after(plus(until_song, happened::audio_stored{{track{}}})).stage == job_stage::finished);
}

TEST_CASE("every event makes the version grow by one and never turns time back") {
  auto job = fresh();

  apply(job, happened::prompt_started{}, noon - std::chrono::hours{1}, day);

  CHECK(job.version == 2);
  CHECK(job.updated_at == noon);
}

TEST_CASE("success has tracks, an end and a day to live") {
  const auto job = after(plus(until_song, happened::audio_stored{{track{}}}));

  CHECK(job.status == job_status::success);
  CHECK(job.music.status == step_status::complete);
  CHECK(job.charged == charge::yes);
  CHECK_FALSE(job.failure);
  CHECK(job.completed_at == noon);
  CHECK(job.expires_at == noon + day);
}

TEST_CASE("a job for its prompt succeeds as soon as that is written, and is never submitted") {
  auto job = fresh();
  job.request.goal = job_goal::prompt;
  CHECK(next_step(job) == job_step::write_prompt);
  apply(job, happened::prompt_started{}, noon, day);
  CHECK(next_step(job) == job_step::write_prompt);
  apply(job, happened::prompt_written{good_prompt()}, noon, day);

  CHECK(next_step(job) == job_step::none);
  CHECK(job.status == job_status::success);
  CHECK(job.stage == job_stage::finished);
  CHECK(job.prompt.text == good_prompt().text);
  CHECK(job.music == music_step{});
  CHECK(job.tracks.empty());
  CHECK(job.charged == charge::no);
  CHECK_FALSE(job.failure);
  CHECK(job.completed_at == noon);
  CHECK(job.expires_at == noon + day);
}

TEST_CASE("a job for its prompt that failed writes it again when it is retried") {
  auto job = fresh();
  job.request.goal = job_goal::prompt;
  apply(job, happened::prompt_started{}, noon, day);
  apply(job, happened::prompt_failed{errc::rate_limit}, noon, day);
  CHECK(job.failure == failure_kind::prompt_generation_failed);

  apply(job, happened::retried{noon + day, false}, noon, day);

  CHECK(job.stage == job_stage::accepted);
  CHECK(next_step(job) == job_step::write_prompt);
}

TEST_CASE("a cancel of a job for its prompt ends it, unless the prompt was there first") {
  auto job = fresh();
  job.request.goal = job_goal::prompt;
  apply(job, happened::prompt_started{}, noon, day);
  apply(job, happened::cancel_requested{}, noon, day);
  CHECK(next_step(job) == job_step::finish_canceled);

  auto tied = job;
  apply(tied, happened::prompt_written{good_prompt()}, noon, day);
  CHECK(tied.status == job_status::success);
  CHECK_FALSE(tied.cancel_requested);

  apply(job, happened::canceled{}, noon, day);
  CHECK(job.status == job_status::canceled);
  CHECK(job.prompt.failure == errc::canceled);
}

TEST_CASE("a failed prompt ends the job before anything was bought") {
  const auto job = after({happened::prompt_started{}, happened::prompt_failed{errc::authentication}});

  CHECK(job.status == job_status::error);
  CHECK(job.failure == failure_kind::prompt_generation_failed);
  CHECK(job.prompt.failure == errc::authentication);
  CHECK(job.charged == charge::no);
  CHECK(job.music.status == step_status::pending);
}

TEST_CASE("an unknown submission says that money may be gone") {
  const auto job = after(plus(until_intent, happened::submission_failed{submission_fate::unknown, errc::timeout}));

  CHECK(job.failure == failure_kind::music_generation_failed);
  CHECK(job.music.failure == errc::submission_unknown);
  CHECK(job.music.submission == submission_state::unknown);
  CHECK(job.charged == charge::maybe);
}

TEST_CASE("a refused submission costs nothing and keeps its cause") {
  const auto job = after(plus(until_intent, happened::submission_failed{submission_fate::refused, errc::quota_exhausted}));

  CHECK(job.music.failure == errc::quota_exhausted);
  CHECK(job.music.submission == submission_state::none);
  CHECK(job.charged == charge::no);
}

TEST_CASE("a song that fails after it was bought is still charged") {
  const auto job = after(plus(until_song, happened::song_failed{errc::generation_failed}));

  CHECK(job.status == job_status::error);
  CHECK(job.charged == charge::yes);
  CHECK(job.music.song_id == "song-1");
}

TEST_CASE("a free provider charges nothing and may make its song again") {
  const auto job = after(plus(plus(until_intent, happened::song_accepted{"local-1", false}), happened::free_song_lost{}));

  CHECK(job.charged == charge::no);
  CHECK(next_step(job) == job_step::submit);
}

TEST_CASE("a cancel is told at once and ends at the next step") {
  const auto asked = after(plus(until_song, happened::cancel_requested{}));
  CHECK(asked.status == job_status::canceling);
  CHECK_FALSE(asked.done());
  CHECK(next_step(asked) == job_step::finish_canceled);

  const auto ended = after(plus(plus(until_song, happened::cancel_requested{}), happened::canceled{}));
  CHECK(ended.status == job_status::canceled);
  CHECK(ended.failure == failure_kind::canceled);
  CHECK(ended.charged == charge::yes);
  CHECK(ended.music.status == step_status::error);
}

TEST_CASE("a cancel that comes while the submission is in flight learns whether it was charged") {
  auto job = after(plus(until_intent, happened::cancel_requested{}));
  apply(job, happened::song_accepted{"song-1", true}, noon, day);

  CHECK(job.status == job_status::canceling);
  CHECK(next_step(job) == job_step::finish_canceled);
  CHECK(job.charged == charge::yes);
}

TEST_CASE("the deadline ends a job whatever it is doing") {
  const auto early = after({happened::prompt_started{}, happened::deadline_passed{}});
  CHECK(early.status == job_status::expired);
  CHECK(early.failure == failure_kind::deadline_exceeded);
  CHECK(early.prompt.failure == errc::deadline_exceeded);
  CHECK(early.charged == charge::no);

  const auto sending = after(plus(until_intent, happened::deadline_passed{}));
  CHECK(sending.music.submission == submission_state::unknown);
  CHECK(sending.charged == charge::maybe);

  const auto waiting = after(plus(until_song, happened::deadline_passed{}));
  CHECK(waiting.music.failure == errc::deadline_exceeded);
  CHECK(waiting.charged == charge::yes);
}

TEST_CASE("what ended stays as it ended") {
  const auto ended = after(plus(until_song, happened::audio_stored{{track{}}}));
  const auto event =
      GENERATE_COPY(as<job_event>{}, happened::deadline_passed{}, happened::cancel_requested{}, happened::canceled{},
                    happened::song_failed{errc::timeout}, happened::broke{}, happened::prompt_started{});
  auto later = ended;

  apply(later, event, noon + std::chrono::hours{1}, day);

  CHECK(later == ended);
}

TEST_CASE("after a crash only an intent without an answer is in doubt") {
  const auto doubtful = after(plus(until_intent, happened::recovered{}));
  CHECK(doubtful.music.failure == errc::submission_unknown);
  CHECK(doubtful.charged == charge::maybe);
  CHECK(doubtful.done());

  const auto known = after(plus(until_song, happened::recovered{}));
  CHECK(next_step(known) == job_step::follow_song);
}

TEST_CASE("a retry goes on from the last step that is known to be done") {
  auto failed_prompt = after({happened::prompt_started{}, happened::prompt_failed{errc::rate_limit}});
  apply(failed_prompt, happened::retried{noon + day, false}, noon, day);
  CHECK(next_step(failed_prompt) == job_step::write_prompt);

  auto known_song = after(plus(until_song, happened::song_failed{errc::generation_timeout}));
  apply(known_song, happened::retried{noon + day, false}, noon, day);
  CHECK(next_step(known_song) == job_step::follow_song);
  CHECK(known_song.music.song_id == "song-1");
  CHECK(known_song.music.polls == 0);
  CHECK_FALSE(known_song.completed_at);
  CHECK(known_song.deadline_at == noon + day);

  auto refused = after(plus(until_intent, happened::submission_failed{submission_fate::refused, errc::rate_limit}));
  apply(refused, happened::retried{noon + day, false}, noon, day);
  CHECK(next_step(refused) == job_step::submit);
  CHECK(refused.prompt.text == good_prompt().text);
}

TEST_CASE("after an unknown submission only an explicit resubmit sends again") {
  auto asked = after(plus(until_intent, happened::submission_failed{submission_fate::unknown, errc::timeout}));
  apply(asked, happened::retried{noon + day, true}, noon, day);

  CHECK(next_step(asked) == job_step::submit);
  CHECK(asked.charged == charge::maybe);
}

TEST_CASE("warnings are kept once") {
  auto job = after(until_prompt);
  apply(job, happened::submission_intended{"suno", {"seed ignored"}}, noon, day);
  apply(job, happened::submission_withdrawn{}, noon, day);
  apply(job, happened::submission_intended{"local", {"seed ignored"}}, noon, day);

  CHECK(job.warnings == std::vector<std::string>{"seed ignored"});
  CHECK(job.music.provider == "local");
}

TEST_CASE("a submission whose answer was lost waits for its song and says what it may have cost") {
  const auto lost = after(plus(until_intent, happened::submission_lost{}));
  CHECK(next_step(lost) == job_step::find_song);
  CHECK(lost.status == job_status::running);
  CHECK(lost.stage == job_stage::submitting);
  CHECK(lost.charged == charge::maybe);

  auto found = lost;
  apply(found, happened::song_accepted{"song-1", true}, noon, day);
  CHECK(next_step(found) == job_step::follow_song);
  CHECK(found.charged == charge::yes);

  auto given_up = lost;
  apply(given_up, happened::submission_failed{submission_fate::unknown, errc::submission_unknown}, noon, day);
  CHECK(given_up.music.failure == errc::submission_unknown);
  CHECK(given_up.charged == charge::maybe);

  auto late = lost;
  apply(late, happened::deadline_passed{}, noon, day);
  CHECK(late.status == job_status::expired);
  CHECK(late.charged == charge::maybe);

  auto restarted = lost;
  apply(restarted, happened::recovered{}, noon, day);
  CHECK(next_step(restarted) == job_step::find_song);
}

TEST_CASE("a preview is there while the song is generated and goes with the job's end, whichever it is") {
  const auto playable = plus(until_song, happened::song_playable{"https://cdn.test/stream"});
  const auto job = after(playable);
  CHECK(job.music.preview == "https://cdn.test/stream");
  CHECK(job.stage == job_stage::generating);
  CHECK(next_step(job) == job_step::follow_song);

  CHECK(after(plus(playable, happened::audio_stored{{track{}}})).music.preview.empty());
  CHECK(after(plus(playable, happened::song_failed{errc::result_unavailable})).music.preview.empty());
  CHECK(after(plus(playable, happened::canceled{})).music.preview.empty());
}
