#include "catch_result.hpp"
#include "run_virtual.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/task_group.hpp>
#include <music/base/random.hpp>
#include <music/providers/local/local_provider.hpp>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace music;
using namespace std::chrono_literals;

namespace {

const std::string soundfont = "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3";  // Debian's fluidr3mono-gm-soundfont

struct memory_writer final : audio_writer {
  std::string bytes;
  task<result<void>> append(std::string more) override {
    bytes += more;
    co_return result<void>{};
  }
  task<result<stored_audio>> commit() override { co_return error{errc::internal}; }
};

/// A provider whose renders run on a real pool while time stands still.
struct bench {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  blocking_pool pool{2};
  task_group tasks{context.get_executor(), "local"};
  std::unique_ptr<music_provider> provider;

  explicit bench(local_options options = {}) : provider(create_local_provider(std::move(options), pool, clock, tasks)) {}
  ~bench() {
    provider.reset();
    tasks.cancel();
    finish_renders();
    pool.join();
  }

  template <class T>
  T run(task<T> work) {
    return test::run_virtual_for(context, clock, std::move(work));
  }

  /// Runs the loop until no render is left.
  void finish_renders() {
    context.restart();
    context.run();
  }

  submission submit(song_request request) { return run(provider->submit(std::move(request), clock.now() + 1h)); }
  result<song_status> poll(const std::string& id) { return run(provider->poll(id, clock.now() + 1h)); }
};

song_request short_song(std::uint64_t seed = 7) {
  song_request request;
  request.theme = "rainy night";
  request.prompt = "A mellow lofi beat, 80 BPM in F major.";
  request.duration_seconds = 20;
  request.seed = seed;
  request.format = audio_format::ogg;
  return request;
}

local_options with_soundfont() { return {.soundfont = soundfont}; }

}  // namespace

TEST_CASE("the embedded provider is free and honours duration, seed and format") {
  bench b;
  const auto& info = b.provider->info();
  CHECK(info.name == "local");
  CHECK(!info.paid);
  CHECK(info.honours_duration);
  CHECK(info.honours_seed);
  CHECK(info.formats == std::vector{audio_format::mp3, audio_format::ogg, audio_format::flac, audio_format::wav});
  CHECK(!info.honours_vocals);
  CHECK(!info.poll.most_polls);
}

TEST_CASE("an id that nobody submitted is unknown") {
  bench b;
  CHECK(b.poll("local-0").error().code == errc::song_unknown);
}

TEST_CASE("the same request of the same job has one id and other requests have others") {
  bench b;
  const auto first = b.submit(short_song());
  CHECK(first.fate == submission_fate::accepted);
  CHECK(first.song_id.starts_with("local-"));
  CHECK(b.submit(short_song()).song_id == first.song_id);
  CHECK(b.submit(short_song(8)).song_id != first.song_id);
  seeded_random random{1};
  auto other_job = short_song();
  other_job.job = job_id::make(random, b.clock.wall_now());
  CHECK(b.submit(other_job).song_id != first.song_id);
}

TEST_CASE("a format that cannot be rendered is not offered, and asked for all the same it gives an MP3") {
  bench b{with_soundfont()};
  auto request = short_song();
  request.format = audio_format::mp4;
  const auto song_id = b.submit(request).song_id;
  b.finish_renders();
  const auto status = b.poll(song_id);
  REQUIRE(status);
  REQUIRE(status->state == song_state::complete);
  memory_writer file;
  CHECK(b.run(b.provider->fetch(status->tracks[0], file, b.clock.now() + 1h)).value() == audio_format::mp3);
  const auto& formats = b.provider->info().formats;
  CHECK(std::find(formats.begin(), formats.end(), audio_format::mp4) == formats.end());
}

TEST_CASE("a song that cannot be rendered has failed") {
  bench b{{.soundfont = "/nowhere/font.sf2"}};
  const auto id = b.submit(short_song()).song_id;
  b.finish_renders();
  const auto status = b.poll(id);
  REQUIRE(status);
  CHECK(status->state == song_state::failed);
  CHECK(status->failure.code == errc::generation_failed);
}

TEST_CASE("a song is rendered, fetched once and forgotten") {
  bench b{with_soundfont()};
  const auto id = b.submit(short_song()).song_id;
  b.finish_renders();

  const auto status = b.poll(id);
  REQUIRE(status);
  REQUIRE(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 1);
  const auto& track = status->tracks[0];
  CHECK(track.song_id == id);
  CHECK(!track.title.empty());
  CHECK(track.duration_seconds == Approx(20).margin(6));

  memory_writer file;
  const auto format = b.run(b.provider->fetch(track, file, b.clock.now() + 1h));
  REQUIRE(format);
  CHECK(*format == audio_format::ogg);
  CHECK(file.bytes.size() > 50'000);
  CHECK(b.poll(id).error().code == errc::song_unknown);
  CHECK(b.run(b.provider->fetch(track, file, b.clock.now() + 1h)).error().code == errc::result_unavailable);
}

TEST_CASE("songs wait in line and all come") {
  auto options = with_soundfont();
  options.max_renders = 1;
  bench b{options};
  const auto first = b.submit(short_song(1)).song_id;
  const auto second = b.submit(short_song(2)).song_id;
  CHECK(b.tasks.size() == 1);
  b.finish_renders();
  CHECK(b.poll(first)->state == song_state::complete);
  CHECK(b.poll(second)->state == song_state::complete);
}

TEST_CASE("songs that nobody fetches are dropped by age and by size, the newest last") {
  auto options = with_soundfont();
  options.max_renders = 1;
  options.max_kept_bytes = 1;
  bench b{options};
  const auto first = b.submit(short_song(1)).song_id;
  const auto second = b.submit(short_song(2)).song_id;
  b.finish_renders();
  CHECK(b.poll(first).error().code == errc::song_unknown);
  CHECK(b.poll(second)->state == song_state::complete);

  b.clock.advance(301s);
  CHECK(b.poll(second).error().code == errc::song_unknown);
}

TEST_CASE("a provider that goes away waits for no render") {
  bench b{with_soundfont()};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto request = short_song(seed);
    request.duration_seconds = 300;
    REQUIRE(b.submit(request).fate == submission_fate::accepted);
  }
  b.provider.reset();
  b.finish_renders();
  CHECK(b.tasks.size() == 0);
}
