#include "fake_ports.hpp"
#include "run_virtual.hpp"

#include <music/skills/music_generator.hpp>
#include <music/store/memory_store.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  std::unique_ptr<audio_store> audio = create_memory_audio_store();
  event stop{context.get_executor()};
  fake_provider* provider = nullptr;
  std::unique_ptr<music_generator> skill = make();
  std::int64_t polls = 0;

  std::unique_ptr<music_generator> make() {
    auto made = std::make_unique<fake_provider>(clock, paid_provider());
    provider = made.get();
    provider->audio.add(fake_mp3());
    std::vector<std::unique_ptr<music_provider>> providers;
    providers.push_back(std::move(made));
    return create_music_generator(std::move(providers), *audio, clock, random);
  }

  submission submit(std::chrono::seconds patience = 600s) {
    return run_virtual_for(context, clock, skill->submit(*provider, {}, clock.now() + patience));
  }
  result<finished_song> follow(std::chrono::seconds patience = 600s) {
    return run_virtual_for(context, clock, skill->follow(*provider, "song-1", polls, clock.now() + patience, &stop));
  }
  result<std::vector<track>> fetch(std::size_t tracks, std::string song_id = {}) {
    finished_song song{complete(tracks).tracks, std::move(song_id)};
    return run_virtual_for(context, clock,
                           skill->fetch(*provider, std::move(song), job_id::make(random, {}), clock.now() + 600s, &stop));
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "an accepted submission is sent once") {
  provider->submissions.add(accepted(), 2s);

  CHECK(submit().song_id == "song-1");
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(fixture, "a submission of which nothing was sent is tried four times in all") {
  provider->submissions.add(not_accepted(submission_fate::not_sent, errc::request_error));

  CHECK(submit().fate == submission_fate::not_sent);
  CHECK(provider->submitted.size() == 4);
}

TEST_CASE_METHOD(fixture, "a submission that was refused for now is tried again") {
  provider->submissions.add(not_accepted(submission_fate::refused, errc::rate_limit));
  provider->submissions.add(accepted());

  CHECK(submit().fate == submission_fate::accepted);
  CHECK(provider->submitted.size() == 2);
}

TEST_CASE_METHOD(fixture, "a submission that was refused for good is not tried again") {
  provider->submissions.add(not_accepted(submission_fate::refused, errc::authentication));

  CHECK(submit().failure.code == errc::authentication);
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(fixture, "a submission whose outcome is unknown is never sent again, whatever the cause") {
  const auto cause = GENERATE(errc::timeout, errc::request_error, errc::rate_limit, errc::api_error, errc::invalid_response);
  provider->submissions.add(not_accepted(submission_fate::unknown, cause));

  CHECK(submit().fate == submission_fate::unknown);
  CHECK(provider->submitted.size() == 1);
}

TEST_CASE_METHOD(fixture, "polls come at once and then at the provider's interval") {
  for (int i = 0; i < 3; ++i) provider->polls.add(generating());
  provider->polls.add(complete());
  const auto started = clock.now();

  CHECK(follow().has_value());

  REQUIRE(provider->polled_at.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto due = started + i * 2s;
    CHECK(provider->polled_at[i] >= due);
    CHECK(provider->polled_at[i] <= due + i * 10ms);  // the grid
  }
  CHECK(polls == 4);
}

TEST_CASE_METHOD(fixture, "the polling budget ends as generation_timeout") {
  provider->polls.add(generating());

  CHECK(follow().error().code == errc::generation_timeout);
  CHECK(provider->polled_at.size() == 30);
}

TEST_CASE_METHOD(fixture, "a lost poll is made up for, four in a row are too many") {
  provider->polls.add(error{errc::request_error});
  provider->polls.add(error{errc::timeout});
  provider->polls.add(generating());
  provider->polls.add(error{errc::request_error});

  CHECK(follow().error().code == errc::request_error);
  CHECK(provider->polled_at.size() == 7);
}

TEST_CASE_METHOD(fixture, "a song that failed is told with its cause") {
  provider->polls.add(failed(errc::content_rejected));

  CHECK(follow().error().code == errc::content_rejected);
}

TEST_CASE_METHOD(fixture, "polling ends at the deadline") {
  provider->polls.add(generating());
  const auto started = clock.now();

  CHECK(follow(7s).error().code == errc::deadline_exceeded);
  CHECK(clock.now() - started <= 7s + 10ms);
}

TEST_CASE_METHOD(fixture, "a stop ends the wait between polls") {
  provider->polls.add(generating());
  stop.set();

  CHECK(follow().error().code == errc::canceled);
}

TEST_CASE_METHOD(fixture, "every track is fetched and kept with its hash") {
  const auto tracks = fetch(2);

  REQUIRE(tracks->size() == 2);
  CHECK(tracks->at(0).content_type == "audio/mpeg");
  CHECK(tracks->at(0).size_bytes == fake_mp3().size());
  CHECK(tracks->at(0).sha256 == tracks->at(1).sha256);
  CHECK(tracks->at(0).audio_key != tracks->at(1).audio_key);
}

TEST_CASE_METHOD(fixture, "a file that is not there yet is asked for again") {
  provider->audio = {};
  provider->audio.add(error{errc::result_unavailable});
  provider->audio.add(error{errc::request_error});
  provider->audio.add(fake_mp3());

  CHECK(fetch(1).has_value());
  CHECK(provider->fetched.size() == 3);
}

TEST_CASE_METHOD(fixture, "a song that our own disk refuses is fetched again until it takes it") {
  provider->audio = {};
  for (int i = 0; i < 20; ++i) provider->audio.add(error{errc::store_unavailable});
  provider->audio.add(fake_mp3());

  CHECK(fetch(1).has_value());
  CHECK(provider->fetched.size() == 21);
}

TEST_CASE_METHOD(fixture, "a disk that never takes the song is waited for until the deadline") {
  provider->audio = {};
  provider->audio.add(error{errc::store_unavailable});
  const auto started = clock.now();

  CHECK(fetch(1).error().code == errc::store_unavailable);
  CHECK(clock.now() - started <= 600s);
  CHECK(provider->fetched.size() > 20);
}

TEST_CASE_METHOD(fixture, "an error page is not a song") {
  provider->audio = {};
  provider->audio.add(std::string{"<html>sorry</html>"});

  CHECK(fetch(1).error().code == errc::result_unavailable);
  CHECK(provider->fetched.size() == 4);
}

TEST_CASE_METHOD(fixture, "one track that cannot be had does not lose the other") {
  provider->audio = {};
  for (int i = 0; i < 4; ++i) provider->audio.add(error{errc::result_unavailable});
  provider->audio.add(fake_mp3());

  const auto tracks = fetch(2);

  REQUIRE(tracks->size() == 1);
  CHECK(tracks->at(0).song_id == "song-2");
}

TEST_CASE_METHOD(fixture, "news of a song is followed by a poll at once") {
  fake_news news{clock};
  provider->heard = &news;
  news.told.add(true, 700ms);
  provider->polls.add(generating());
  provider->polls.add(complete());
  const auto started = clock.now();

  CHECK(follow().has_value());

  REQUIRE(provider->polled_at.size() == 2);
  CHECK(provider->polled_at[0] == started);
  CHECK(provider->polled_at[1] == started + 700ms);
}

TEST_CASE_METHOD(fixture, "a stop and the deadline end the wait for news") {
  fake_news news{clock};
  provider->heard = &news;
  news.told.add(false, 24h);
  provider->polls.add(generating());

  CHECK(follow(5s).error().code == errc::deadline_exceeded);
  stop.set();
  CHECK(follow().error().code == errc::canceled);
}

TEST_CASE_METHOD(fixture, "a learned pace waits for the time at which songs became ready before") {
  provider->learn_pace();
  fake_news news{clock};
  provider->heard = &news;
  news.told.add(true, 40s);
  provider->polls.add(complete());
  provider->submissions.add(accepted());
  for (int song = 0; song < 64; ++song) {
    polls = 0;
    CHECK(submit().fate == submission_fate::accepted);
    CHECK(follow().has_value());
  }

  provider->heard = nullptr;
  provider->polls = {};
  for (int i = 0; i < 100; ++i) provider->polls.add(generating());
  provider->polled_at.clear();
  polls = 0;
  CHECK(submit().fate == submission_fate::accepted);
  const auto started = clock.now();
  CHECK(follow(60s).error().code == errc::deadline_exceeded);

  const auto polled_within = [&](std::chrono::seconds from, std::chrono::seconds to) {
    return std::count_if(provider->polled_at.begin(), provider->polled_at.end(),
                         [&](time_point at) { return at >= started + from && at < started + to; });
  };
  CHECK(polled_within(0s, 20s) <= 2);
  CHECK(polled_within(30s, 50s) >= 6);
}

TEST_CASE_METHOD(fixture, "a link that stays dead is asked for anew") {
  provider->audio = {};
  provider->audio.add(error{errc::result_unavailable});
  provider->audio.add(error{errc::result_unavailable});
  provider->audio.add(fake_mp3());
  auto renewed = complete();
  renewed.tracks[0].source = "https://cdn.test/renewed.mp3";
  provider->polls.add(renewed);

  CHECK(fetch(1, "task-1").has_value());

  CHECK(provider->fetched ==
        std::vector<std::string>{"https://cdn.test/song-1.mp3", "https://cdn.test/song-1.mp3", "https://cdn.test/renewed.mp3"});
}

TEST_CASE_METHOD(fixture, "how long a track plays is what its bytes say") {
  std::string frames;
  for (int i = 0; i < 100; ++i) frames += "\xff\xfb\x90\x64" + std::string(413, '\0');
  provider->audio = {};
  provider->audio.add(frames);

  CHECK(fetch(1)->at(0).duration_seconds == Approx(2.612));

  provider->audio = {};
  provider->audio.add(fake_mp3());
  CHECK(fetch(1)->at(0).duration_seconds == 180);  // its bytes do not tell: the provider's word
}

TEST_CASE_METHOD(fixture, "a song that was not submitted just now is asked for at once, and teaches nothing") {
  provider->learn_pace();
  provider->polls.add(complete());
  const auto started = clock.now();

  CHECK(follow().has_value());

  REQUIRE(provider->polled_at.size() == 1);
  CHECK(provider->polled_at[0] == started);
}
