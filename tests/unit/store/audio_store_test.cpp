// What every audio store must do, run over each of them.

#include "audio_support.hpp"
#include "stores_under_test.hpp"

#include <music/base/hash.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

struct fresh_store {
  temporary_directory directory;
  std::unique_ptr<audio_store> store;

  explicit fresh_store(const std::string& kind) : store(open_audio_store(kind, directory.path())) {}
  audio_store* operator->() const { return store.get(); }
};

#define EVERY_STORE GENERATE(from_range(audio_store_kinds()))

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
