// What every audio store must do, and what only files must.

#include "store_support.hpp"

#include <music/base/hash.hpp>
#include <music/store/file_audio_store.hpp>
#include <music/store/memory_store.hpp>

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace music;
using namespace music::test;

namespace {

struct fresh_store {
  temporary_directory directory;
  std::unique_ptr<audio_store> store;

  explicit fresh_store(const std::string& kind) {
    if (kind == "memory") {
      store = create_memory_audio_store();
    } else {
      store = open_file_audio_store(directory.path()).value();
    }
  }
  audio_store* operator->() const { return store.get(); }
};

#define EVERY_STORE GENERATE(as<std::string>{}, "memory", "files")

job_id some_job(std::uint64_t seed) {
  seeded_random random{seed};
  return job_id::make(random, at(1000));
}

stored_audio put(audio_store& store, const job_id& owner, const std::string& bytes) {
  const auto writer = await(store.create(owner)).value();
  const auto middle = bytes.size() / 2;
  REQUIRE(await(writer->append(bytes.substr(0, middle))));
  REQUIRE(await(writer->append(bytes.substr(middle))));
  return await(writer->commit()).value();
}

std::string get(audio_store& store, const std::string& key, std::uint64_t offset, std::size_t count) {
  const auto reader = await(store.open(key)).value();
  return await(reader->read(offset, count)).value();
}

std::size_t file_count(const std::filesystem::path& directory) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (entry.is_regular_file() && entry.path().filename() != "lock") ++files;
  }
  return files;
}

}  // namespace

TEST_CASE("audio comes back as it was written, with its hash") {
  const fresh_store songs{EVERY_STORE};
  const std::string bytes = "ID3" + std::string(100'000, '\x01') + std::string(1, '\0') + "end";

  const auto stored = put(*songs.store, some_job(1), bytes);

  CHECK(stored.size_bytes == bytes.size());
  CHECK(stored.sha256 == to_hex(sha256_of(bytes)));
  const auto reader = await(songs->open(stored.key)).value();
  CHECK(reader->size() == bytes.size());
  CHECK(await(reader->read(0, bytes.size())).value() == bytes);
}

TEST_CASE("a range is read where it lies and never past the end") {
  const fresh_store songs{EVERY_STORE};
  const auto key = put(*songs.store, some_job(2), "0123456789").key;

  CHECK(get(*songs.store, key, 0, 4) == "0123");
  CHECK(get(*songs.store, key, 4, 3) == "456");
  CHECK(get(*songs.store, key, 8, 100) == "89");
  CHECK(get(*songs.store, key, 10, 1).empty());
  CHECK(get(*songs.store, key, 1ULL << 62, 1).empty());
}

TEST_CASE("erasing one of two equal songs leaves the other") {
  const fresh_store songs{EVERY_STORE};
  const auto owner = some_job(3);
  const auto first = put(*songs.store, owner, "the same bytes");
  const auto second = put(*songs.store, owner, "the same bytes");
  REQUIRE(first.key != second.key);

  REQUIRE(await(songs->erase(first.key)));
  REQUIRE(await(songs->erase(first.key)));

  CHECK(await(songs->open(first.key)).error().code == errc::not_found);
  CHECK(get(*songs.store, second.key, 0, 100) == "the same bytes");
}

TEST_CASE("a reader goes on after its song was erased") {
  const fresh_store songs{EVERY_STORE};
  const auto key = put(*songs.store, some_job(4), "still playing").key;
  const auto reader = await(songs->open(key)).value();

  REQUIRE(await(songs->erase(key)));

  CHECK(await(reader->read(0, 100)).value() == "still playing");
}

TEST_CASE("no key but a key of ours is ever a path") {
  const fresh_store songs{EVERY_STORE};
  const auto good = put(*songs.store, some_job(5), "bytes").key;
  const auto bad = GENERATE_COPY(std::string{}, std::string{"../jobs.db"}, std::string{"lock"}, "../" + good, good + "/",
                                 good + "x", "A" + good.substr(1), std::string{"/etc/passwd"}, std::string(200, '/'),
                                 std::string(200, 'a'), good.substr(0, 64) + "/../../" + good.substr(71));

  CHECK(await(songs->open(bad)).error().code == errc::not_found);
  CHECK(await(songs->erase(bad)));
  CHECK(get(*songs.store, good, 0, 100) == "bytes");
}

TEST_CASE("a writer that is dropped leaves no file") {
  fresh_store songs{"files"};
  {
    const auto writer = await(songs->create(some_job(6))).value();
    REQUIRE(await(writer->append("half a song")));
    REQUIRE(file_count(songs.directory.path()) == 1);
  }
  songs.store.reset();  // the disk's threads may hold the file a moment longer; this waits for them

  CHECK(file_count(songs.directory.path()) == 0);
}

TEST_CASE("what a crash left half written is removed at the next start, and songs are kept") {
  const temporary_directory directory;
  auto store = open_file_audio_store(directory.path()).value();
  const auto key = put(*store, some_job(7), "a whole song").key;
  store.reset();
  std::ofstream{directory.path() / "audio" / "incoming" / "left-by-a-crash"} << "half";
  REQUIRE(file_count(directory.path()) == 2);

  store = open_file_audio_store(directory.path()).value();

  CHECK(file_count(directory.path()) == 1);
  CHECK(get(*store, key, 0, 100) == "a whole song");
}

TEST_CASE("songs that a crash left without a name in their job's record are erased, and nobody else's") {
  fresh_store store{"files"};
  const auto interrupted = some_job(1);
  const auto stray = put(*store.store, interrupted, "placed, and then the process died");
  const auto kept = put(*store.store, some_job(2), "placed, and then the process died");

  const auto found = await(store->find(interrupted));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(erase_unnamed_audio(store.directory.path(), {interrupted}, {found->front()}).value() == 0);
  CHECK(erase_unnamed_audio(store.directory.path(), {interrupted}).value() == 1);
  CHECK(erase_unnamed_audio(store.directory.path(), {interrupted}).value() == 0);

  CHECK(await(store->open(stray.key)).error().code == errc::not_found);
  CHECK(await(store->open(kept.key)).has_value());
}

TEST_CASE("audio files and folders are for the owner's eyes only") {
  const fresh_store songs{"files"};
  const auto before = umask(0);
  put(*songs.store, some_job(8), "private");
  umask(before);

  using std::filesystem::perms;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{songs.directory.path()}) {
    const auto expected = entry.is_directory() ? perms::owner_all : perms::owner_read | perms::owner_write;
    CHECK(entry.status().permissions() == expected);
  }
}

TEST_CASE("an audio directory that is in use is refused") {
  const fresh_store songs{"files"};

  const auto second = open_file_audio_store(songs.directory.path());

  REQUIRE_FALSE(second);
  CHECK(second.error().detail.find("another process") != std::string::npos);
}
