// What only the outbox in an SQLite file must do.

#include "outbox_support.hpp"

using namespace music;
using namespace music::test;

TEST_CASE("a process that ends loses no delivery and holds none") {
  outbox_fixture on{"sqlite"};
  const auto job = on.told({message("m1"), message("m2")});
  const auto taken = on.take(1000);
  REQUIRE(taken.size() == 1);

  on.open();

  CHECK(on.take(1001) == taken);
  CHECK(await(on.box().of_job(job.id))->size() == 2);
}

TEST_CASE("a body that was erased is nowhere in the database file") {
  outbox_fixture on{"sqlite"};
  auto secret_words = message("m1");
  secret_words.body = std::string(6000, 'x') + "a body nobody else has";
  const auto job = on.told({secret_words});

  end_stored(*on.store, job);
  REQUIRE(await(on.store->erase(job.id, at(2000))));
  on.store.reset();

  for (const auto& entry : std::filesystem::directory_iterator(on.directory.path())) {
    CHECK(bytes_of(entry.path()).find("a body nobody else has") == std::string::npos);
  }
}
