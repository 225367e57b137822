// A song request in the words that music services want, and songs that are kept before they are tracks.

#include "catch_result.hpp"
#include "manual_clock.hpp"
#include "run_virtual.hpp"

#include <music/providers/upstream/kept_songs.hpp>
#include <music/providers/upstream/wishes.hpp>
#include <music/store/memory_store.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

namespace {

const std::string mp3 = std::string{"ID3\x04"} + std::string(600'000, 'a');

/// A store that is away for its first calls.
class failing_store final : public audio_store {
 public:
  explicit failing_store(int failures) : failures_(failures) {}

  task<result<std::unique_ptr<audio_writer>>> create(job_id owner) override {
    if (failures_-- > 0) co_return error{errc::store_unavailable};
    co_return co_await inner_->create(std::move(owner));
  }
  task<result<std::unique_ptr<audio_reader>>> open(std::string key) override { return inner_->open(std::move(key)); }
  task<result<void>> erase(std::string key) override { return inner_->erase(std::move(key)); }
  task<result<std::vector<std::string>>> find(job_id owner) override {
    if (failures_-- > 0) co_return error{errc::store_unavailable};
    co_return co_await inner_->find(std::move(owner));
  }

  void fail_next(int calls) { failures_ = calls; }

 private:
  int failures_;
  std::unique_ptr<audio_store> inner_ = create_memory_audio_store();
};

struct bench {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  std::unique_ptr<audio_store> store;
  upstream::kept_songs songs;
  seeded_random random{1};
  job_id owner = job_id::make(random, clock.wall_now());

  explicit bench(std::unique_ptr<audio_store> given = create_memory_audio_store())
      : store(std::move(given)), songs(*store, clock) {}

  template <class T>
  T run(task<T> work) {
    return test::run_virtual_for(context, clock, std::move(work));
  }

  result<std::string> keep() {
    upstream::received_song song{.bytes = mp3, .format = audio_format::mp3, .title = "Rain", .duration_seconds = 61};
    return run(songs.keep(owner, std::move(song), clock.now() + 1min));
  }
};

}  // namespace

TEST_CASE("a song that came with its answer is found by its id, with the words that came with it") {
  bench b;

  const auto id = b.keep();
  REQUIRE(id);
  const auto status = b.run(b.songs.look(*id));

  REQUIRE(status);
  CHECK(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 1);
  const auto& track = status->tracks[0];
  CHECK(track.title == "Rain");
  CHECK(track.duration_seconds == 61);
  REQUIRE(track.held);
  CHECK(track.held->file.size_bytes == mp3.size());
}

TEST_CASE("another process finds the same file by the same id") {
  bench b;
  const auto id = b.keep();
  REQUIRE(id);
  const auto before = b.run(b.songs.look(*id));
  REQUIRE(before);
  upstream::kept_songs later{*b.store, b.clock};

  const auto after = b.run(later.look(*id));

  REQUIRE(after);
  REQUIRE(after->tracks.at(0).held);
  CHECK(after->tracks[0].held->file.sha256 == before->tracks[0].held->file.sha256);
  CHECK(after->tracks[0].held->file.key == *id);
  CHECK(after->tracks[0].held->format == audio_format::mp3);
}

TEST_CASE("a kept song is found by its job when its id was lost") {
  bench b;
  const auto id = b.keep();
  REQUIRE(id);

  CHECK(b.run(b.songs.find(b.owner, b.clock.now() + 1min)).value() == *id);
  const auto stranger = job_id::make(b.random, b.clock.wall_now());
  CHECK(b.run(b.songs.find(stranger, b.clock.now() + 1min)).error().code == errc::submission_unknown);
}

TEST_CASE("a store that is away is asked again for a kept song, until the deadline") {
  auto given = std::make_unique<failing_store>(0);
  auto& store = *given;
  bench b{std::move(given)};
  const auto id = b.keep();
  REQUIRE(id);

  store.fail_next(4);
  CHECK(b.run(b.songs.find(b.owner, b.clock.now() + 1min)).value() == *id);

  store.fail_next(1000);
  const auto deadline = b.clock.now() + 1min;
  CHECK(b.run(b.songs.find(b.owner, deadline)).error().code == errc::submission_unknown);
  CHECK(b.clock.now() < deadline);
}

TEST_CASE("a song that was erased is unknown") {
  bench b;
  const auto id = b.keep();
  REQUIRE(id);
  REQUIRE(b.run(b.store->erase(*id)));
  upstream::kept_songs later{*b.store, b.clock};

  CHECK(b.run(later.look(*id)).error().code == errc::song_unknown);
}

TEST_CASE("a paid song waits for a store that is away") {
  bench b{std::make_unique<failing_store>(4)};
  const auto started = b.clock.now();

  const auto id = b.keep();

  REQUIRE(id);
  CHECK(b.run(b.songs.look(*id)).has_value());
  CHECK(b.clock.now() - started == 1500ms);  // 100, 200, 400 and 800 ms
}

TEST_CASE("a store that stays away is told at the deadline") {
  bench b{std::make_unique<failing_store>(1000)};

  CHECK(b.keep().error().code == errc::store_unavailable);
}

TEST_CASE("lyrics are cut where a line ends") {
  CHECK(upstream::cut_at_line("one\ntwo\nthree", 20) == "one\ntwo\nthree");
  CHECK(upstream::cut_at_line("one\ntwo\nthree", 9) == "one\ntwo");
  CHECK(upstream::cut_at_line("one\ntwo\nthree", 7) == "one\ntwo");
  CHECK(upstream::cut_at_line("no line end", 5) == "no li");
}

TEST_CASE("lyrics fall into sections, and what has no heading is a verse") {
  const auto sections = upstream::sections_of("intro words\n[Chorus]\nla\n\nla la\n[Outro]", 10);
  REQUIRE(sections.size() == 3);
  CHECK(sections[0].name == "Verse");
  CHECK(sections[1].name == "Chorus");
  CHECK(sections[1].lines == std::vector<std::string>{"la", "la la"});
  CHECK(sections[2].lines.empty());
  CHECK(upstream::sections_of("[A]\na\n[B]\nb\n[C]\nc", 2).size() == 2);
}

TEST_CASE("style words join the prompt unless it would be too long") {
  song_request request;
  request.prompt = "A slow song.";
  request.tags = "lofi";
  request.style = "dream pop";
  CHECK(upstream::whole_prompt(request, 100) == "A slow song.\nStyle: lofi, dream pop");
  CHECK(upstream::whole_prompt(request, 12) == "A slow song.");
  CHECK(upstream::whole_prompt(request, 6) == "A slow");
  CHECK(upstream::list_of(" a, ,b,c", 2) == std::vector<std::string>{"a", "b"});
}
