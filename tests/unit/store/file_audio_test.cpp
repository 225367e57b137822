// What only files, or only stores in one process, must do.

#include "audio_support.hpp"

#include <music/store/file_audio_store.hpp>
#include <music/store/memory_store.hpp>

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace music;
using namespace music::test;

namespace {

struct fresh_files {
  temporary_directory directory;
  std::unique_ptr<audio_store> store = open_file_audio_store(directory.path()).value();
  audio_store* operator->() const { return store.get(); }
};

std::size_t file_count(const std::filesystem::path& directory) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (entry.is_regular_file() && entry.path().filename() != "lock") ++files;
  }
  return files;
}

}  // namespace

TEST_CASE("a reader goes on after its song was erased") {
  const fresh_files files;
  const auto memory = create_memory_audio_store();
  for (audio_store* songs : {files.store.get(), memory.get()}) {
    const auto key = put(*songs, some_job(4), "still playing").key;
    const auto reader = await(songs->open(key)).value();

    REQUIRE(await(songs->erase(key)));

    CHECK(await(reader->read(0, 100)).value() == "still playing");
  }
}

TEST_CASE("a writer that is dropped leaves no file") {
  fresh_files songs;
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
  const fresh_files store;
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
  const fresh_files songs;
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
  const fresh_files songs;

  const auto second = open_file_audio_store(songs.directory.path());

  REQUIRE_FALSE(second);
  CHECK(second.error().detail.find("another process") != std::string::npos);
}
