#include "callback_tokens.hpp"
#include "catch_result.hpp"
#include "run_virtual.hpp"
#include "shared_polls.hpp"

#include <music/async/task_group.hpp>
#include <music/providers/suno/suno_provider.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  task_group tasks{context.get_executor(), "test"};
  song_inbox inbox{context.get_executor(), clock};
  time_point started = clock.now();

  ~fixture() {
    tasks.cancel();
    run_virtual(context, clock, drained());
  }

  task<void> drained() { co_await tasks.drain(clock, clock.now() + 1h); }

  task<void> hear_at(time_point at, std::string token, std::string song, song_stage stage) {
    co_await clock.sleep_until(at, use_task);
    inbox.hear(token, song, stage);
  }

  void hear(std::chrono::seconds at, std::string song, song_stage stage, std::string token = "token") {
    tasks.spawn(hear_at(started + at, std::move(token), std::move(song), stage));
  }

  bool await_news(std::chrono::seconds due, std::string song = "song-1", std::chrono::seconds deadline = 900s) {
    return run_virtual_for(context, clock, inbox.await_news(std::move(song), started + due, started + deadline));
  }

  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - started);
  }
};

/// A gateway whose songs are ready after a minute, and jobs that follow them as the skill does.
struct crowd : fixture {
  std::size_t requests = 0;
  std::size_t largest = 0;
  std::size_t polls = 0;
  std::size_t finished = 0;
  suno::shared_polls shared{context.get_executor(),
                            clock,
                            tasks,
                            inbox,
                            20,
                            [this](std::vector<std::string> songs) { return answer(std::move(songs)); }};

  task<suno::shared_polls::statuses> answer(std::vector<std::string> songs) {
    ++requests;
    largest = std::max(largest, songs.size());
    co_await clock.sleep_until(clock.now() + 200ms, use_task);
    song_status status;
    if (elapsed() >= 60s) status.state = song_state::complete;
    co_return suno::shared_polls::statuses(songs.size(), result<song_status>{status});
  }

  task<void> follow(std::string song, std::chrono::milliseconds gap) {
    for (;;) {
      co_await inbox.await_news(song, clock.now() + gap, started + 900s);
      ++polls;
      const auto status = co_await shared.poll(song);
      if (status && status->state == song_state::complete) break;
    }
    ++finished;
  }

  task<void> all_of(std::size_t songs) {
    task_group jobs{context.get_executor(), "jobs"};
    for (std::size_t i = 0; i < songs; ++i) {
      const std::chrono::milliseconds gap{4'000 + 17 * (i % 100)};
      jobs.spawn(follow("song-" + std::to_string(i), gap));
    }
    co_await jobs.drain(clock, clock.now() + 1h);
  }
};

}  // namespace

TEST_CASE("a callback's token belongs to one job and one key, and outlives the process") {
  seeded_random random{7};
  const auto job = job_id::make(random, wall_time{});
  const auto other = job_id::make(random, wall_time{});
  const suno::callback_tokens tokens{secret{"test-key"}};
  const suno::callback_tokens restarted{secret{"test-key"}};
  const suno::callback_tokens strangers{secret{"other-key"}};

  const auto token = tokens.token_for(job);
  CHECK(token.size() == 64);
  CHECK(token.find(job.text()) == std::string::npos);
  CHECK(token == restarted.token_for(job));
  CHECK(token != tokens.token_for(other));
  CHECK(restarted.genuine(token));
  CHECK(!strangers.genuine(token));
  for (std::size_t at : {std::size_t{0}, std::size_t{31}, std::size_t{32}, std::size_t{63}}) {
    auto forged = token;
    forged[at] = forged[at] == '0' ? '1' : '0';
    CHECK(!tokens.genuine(forged));
  }
  for (const auto* nonsense : {"", "0", "../..", "%00"}) CHECK(!tokens.genuine(nonsense));
}

TEST_CASE_METHOD(fixture, "without news a song is due when it is due") {
  CHECK(!await_news(10s));
  CHECK(elapsed() == 10s);
}

TEST_CASE_METHOD(fixture, "a callback wakes the job that waits, and only that one") {
  hear(3s, "song-1", song_stage::ended);
  CHECK(await_news(60s));
  CHECK(elapsed() == 3s);
}

TEST_CASE_METHOD(fixture, "a callback that came before the wait is not lost") {
  inbox.hear("token", "song-1", song_stage::playable);
  CHECK(await_news(60s));
  CHECK(elapsed() == 0s);
  CHECK(!await_news(60s));  // and wakes once
}

TEST_CASE_METHOD(fixture,
                 "a song that has begun is no reason to poll, and while callbacks come none is due before a long silence") {
  hear(3s, "song-1", song_stage::begun);
  CHECK(!await_news(10s));
  CHECK(elapsed() == 123s);
}

TEST_CASE_METHOD(fixture, "callbacks of one song vouch for the others") {
  inbox.hear("token", "song-2", song_stage::ended);
  hear(100s, "song-1", song_stage::ended);
  CHECK(await_news(10s));
  CHECK(elapsed() == 100s);
}

TEST_CASE_METHOD(fixture, "a gateway that left out an end is polled again like one that never calls") {
  inbox.hear("token", "song-2", song_stage::playable);
  inbox.ended("song-2");
  CHECK(!await_news(10s));
  CHECK(elapsed() == 10s);
}

TEST_CASE_METHOD(fixture, "however silent the gateway is, the deadline is kept") {
  inbox.hear("token", "song-2", song_stage::ended);
  CHECK(!await_news(10s, "song-1", 30s));
  CHECK(elapsed() == 30s);
}

TEST_CASE_METHOD(fixture, "a lost song is found by its job's token, before the wait and during it") {
  inbox.listen_for([](const job_id& job) { return "token-of-" + job.text(); });
  const auto early = job_id::make(random, wall_time{});
  const auto late = job_id::make(random, wall_time{});
  inbox.hear("token-of-" + early.text(), "task-1", song_stage::begun);
  hear(40s, "task-2", song_stage::begun, "token-of-" + late.text());

  CHECK(run_virtual_for(context, clock, inbox.find_lost(early, started + 900s)).value() == "task-1");
  CHECK(run_virtual_for(context, clock, inbox.find_lost(late, started + 900s)).value() == "task-2");
  CHECK(elapsed() == 40s);
}

TEST_CASE_METHOD(fixture, "nobody is waited for longer than a song takes") {
  const auto job = job_id::make(random, wall_time{});
  CHECK(run_virtual_for(context, clock, inbox.find_lost(job, started + 900s)).error().code == errc::submission_unknown);
  CHECK(elapsed() == 0s);  // nobody was told where to call

  inbox.listen_for([](const job_id& each) { return each.text(); });
  CHECK(run_virtual_for(context, clock, inbox.find_lost(job, started + 900s)).error().code == errc::submission_unknown);
  CHECK(elapsed() == 300s);
}

TEST_CASE_METHOD(fixture, "callbacks with a known token reach every shard's inbox, others reach none") {
  const suno::callback_tokens tokens{secret{"test-key"}};
  const auto token = tokens.token_for(job_id::make(random, wall_time{}));
  song_inbox second{context.get_executor(), clock};
  const auto office = create_suno_callbacks(suno_dialect::sunoapi, secret{"test-key"},
                                            {{context.get_executor(), &inbox}, {context.get_executor(), &second}});
  const std::string body = R"({"code":200,"data":{"callbackType":"complete","task_id":"song-1"}})";

  CHECK(!office->receive("0123", body));
  CHECK(office->receive(token, "not a callback"));
  CHECK(office->receive(token, body));
  CHECK(await_news(60s));
  CHECK(run_virtual_for(context, clock, second.await_news("song-1", started + 60s, started + 900s)));
  CHECK(elapsed() == 0s);
}

TEST_CASE_METHOD(crowd, "a hundred waiting songs cost a tenth of a request for each poll, and less") {
  run_virtual(context, clock, all_of(100));

  CHECK(finished == 100);
  CHECK(largest == 20);
  CAPTURE(requests, polls);
  CHECK(requests * 10 <= polls);
}

TEST_CASE_METHOD(crowd, "a song that waits alone is polled alone") {
  run_virtual(context, clock, all_of(1));

  CHECK(finished == 1);
  CHECK(requests == polls);
}

TEST_CASE_METHOD(crowd, "a job that is cancelled does not take the others' answer away") {
  task_group leader{context.get_executor(), "leader"};
  tasks.spawn(follow("song-2", 70s));
  leader.spawn(follow("song-1", 60s));
  const auto drive = [](crowd& all, task_group& first) -> task<void> {
    co_await all.clock.sleep_until(all.started + 60'100ms, use_task);  // its request is under way
    first.cancel();
    co_await first.drain(all.clock, all.clock.now() + 1h);
    co_await all.tasks.drain(all.clock, all.clock.now() + 1h);
  };
  run_virtual(context, clock, drive(*this, leader));

  CHECK(finished == 1);
  CHECK(requests == 1);
  CHECK(elapsed() < 61s);
}
