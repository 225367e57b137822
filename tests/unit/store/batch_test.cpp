// Batches: what every job store must do with them, run over each.

#include "store_support.hpp"
#include "stores_under_test.hpp"

#include <music/async/shard.hpp>

#include <boost/asio/detached.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <latch>
#include <mutex>
#include <set>

using namespace music;
using namespace music::test;

namespace {

constexpr auto a_day = std::chrono::milliseconds{key_retention}.count();
const idempotency key{"alice POST /batches", "key-1", "print"};

struct fresh_store {
  temporary_directory directory;
  std::unique_ptr<job_store> store;

  explicit fresh_store(const std::string& kind) : store(open_job_store(kind, directory.path())) {}
  job_store* operator->() const { return store.get(); }
};

#define EVERY_STORE GENERATE(from_range(job_store_kinds()))

std::vector<job> sorted(std::vector<job> jobs) {
  std::ranges::sort(jobs, {}, &job::id);
  return jobs;
}

std::vector<job> stored_of(const fresh_store& jobs, const batch_id& id) {
  job_filter filter;
  filter.batch = id;
  const auto found = await(jobs->select(std::move(filter)));
  REQUIRE(found);
  return sorted(*found);
}

void end_and_erase(const fresh_store& jobs, const job& stored, std::int64_t now) {
  end_stored(*jobs.store, stored);
  REQUIRE(await(jobs->erase(stored.id, at(now))));
}

}  // namespace

TEST_CASE("the jobs of a batch are stored together, and are jobs like others") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{1};
  auto fresh = make_batch(random, 1000, 100);
  fresh[7].request.theme = R"(a "quoted" \ night, {with} NULL, in 東京)";
  REQUIRE(await(jobs->insert(make_job(random, 1000, "alice"), std::nullopt)));

  const auto inserted = await(jobs->insert_batch(fresh, std::nullopt));

  REQUIRE(inserted);
  CHECK(inserted->stored == fresh.front().batch);
  CHECK_FALSE(inserted->replayed);
  CHECK(stored_of(jobs, inserted->stored) == sorted(fresh));
  CHECK(*await(jobs->load(fresh[7].id)) == fresh[7]);
  CHECK(await(jobs->select({.unfinished_only = true, .limit = 1000}))->size() == 101);
  auto changed = fresh[3];
  changed.status = job_status::running;
  changed.version = 2;
  CHECK(await(jobs->update(changed, inserted->lease)));
  CHECK(await(jobs->update(ended_as(changed, job_status::success, 5000), inserted->lease)));
  CHECK(await(jobs->claim(1000))->empty());  // they are this instance's
  REQUIRE(await(jobs->release()));
  CHECK(await(jobs->claim(1000))->size() == 100);
}

TEST_CASE("the jobs of a batch are found among others by what else is asked for") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{2};
  const auto fresh = make_batch(random, 1000, 5);
  const auto other = make_batch(random, 1000, 5);
  REQUIRE(await(jobs->insert_batch(fresh, std::nullopt)));
  REQUIRE(await(jobs->insert_batch(other, std::nullopt)));
  REQUIRE(await(jobs->update(ended_as(fresh[2], job_status::success, 5000), 1)));
  const auto found = [&](job_filter filter) {
    filter.batch = fresh.front().batch;
    return await(jobs->select(std::move(filter))).value();
  };

  CHECK(found({}).size() == 5);
  CHECK(found({.owner = "alice"}).size() == 5);
  CHECK(found({.owner = "bob"}).empty());
  CHECK(found({.unfinished_only = true}).size() == 4);
  REQUIRE(found({.status = job_status::success}).size() == 1);
  CHECK(found({.status = job_status::success}).front().id == fresh[2].id);
  CHECK(found({.expired_before = at(6000)}).size() == 1);
  CHECK(found({.expired_before = at(4000)}).empty());
  const auto two = found({.limit = 2});
  REQUIRE(two.size() == 2);
  CHECK(two[0].id > two[1].id);
}

TEST_CASE("of a batch with an id that is taken nothing is stored, and its key is free") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{3};
  const auto refused = make_batch(random, 1000, 10);
  auto taken = make_job(random, 1000, "bob");
  taken.id = refused[6].id;
  REQUIRE(await(jobs->insert(taken, std::nullopt)));

  CHECK(await(jobs->insert_batch(refused, key)).error().code == errc::internal);

  CHECK(stored_of(jobs, refused.front().batch).empty());
  CHECK(await(jobs->select({.limit = 1000})).value() == std::vector{taken});
  const auto other = make_batch(random, 2000, 3);
  const auto inserted = await(jobs->insert_batch(other, key));
  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
  CHECK(stored_of(jobs, inserted->stored) == sorted(other));
}

TEST_CASE("a known key gives the batch it names and stores nothing") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{4};
  const auto first = make_batch(random, 1000, 3);
  REQUIRE(await(jobs->insert_batch(first, key)));

  const auto again = await(jobs->insert_batch(make_batch(random, 2000, 3), key));
  const auto reused = await(jobs->insert_batch(make_batch(random, 2000, 3), idempotency{key.scope, key.key, "another"}));
  const auto elsewhere =
      await(jobs->insert_batch(make_batch(random, 2000, 3), idempotency{"bob POST /batches", key.key, key.fingerprint}));

  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->stored == first.front().batch);
  CHECK(reused.error().code == errc::key_reused);
  REQUIRE(elsewhere);
  CHECK_FALSE(elsewhere->replayed);
  CHECK(await(jobs->select({.limit = 1000}))->size() == 6);
}

TEST_CASE("a key names its batch as long as one of its jobs is there, whichever that is") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{5};
  const auto fresh = make_batch(random, 1000, 3);
  const auto survivor = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{2});
  REQUIRE(await(jobs->insert_batch(fresh, key)));

  for (std::size_t place = 0; place < fresh.size(); ++place) {
    if (place != survivor) end_and_erase(jobs, fresh[place], 2000);
  }
  const auto same_day = await(jobs->insert_batch(make_batch(random, 2000, 3), key));
  const auto other = make_job(random, 1000);  // what is erased later takes old keys along, but not this one
  REQUIRE(await(jobs->insert(other, idempotency{"other", "key", "print"})));
  end_and_erase(jobs, other, 1000 + 2 * a_day);
  const auto days_later = await(jobs->insert_batch(make_batch(random, 1000 + 2 * a_day, 3), key));

  for (const auto& replay : {same_day, days_later}) {
    REQUIRE(replay);
    CHECK(replay->replayed);
    CHECK(replay->stored == fresh.front().batch);
  }
  CHECK(stored_of(jobs, fresh.front().batch) == std::vector{fresh[survivor]});
}

TEST_CASE("a key whose batch is gone is spent for a day, and then free") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{6};
  const auto fresh = make_batch(random, 1000, 2);
  REQUIRE(await(jobs->insert_batch(fresh, key)));
  for (const auto& each : fresh) end_and_erase(jobs, each, 2000);

  CHECK(await(jobs->insert_batch(make_batch(random, 3000, 2), key)).error().code == errc::key_spent);
  CHECK(await(jobs->insert_batch(make_batch(random, 3000, 2), idempotency{key.scope, key.key, "other"})).error().code ==
        errc::key_reused);
  CHECK(await(jobs->select({})).value().empty());
  const auto next = await(jobs->insert_batch(make_batch(random, 1000 + a_day, 2), key));
  REQUIRE(next);
  CHECK_FALSE(next->replayed);
}

TEST_CASE("an old key goes with the last job of its batch") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{7};
  const auto fresh = make_batch(random, 1000, 2);
  REQUIRE(await(jobs->insert_batch(fresh, key)));

  for (const auto& each : fresh) end_and_erase(jobs, each, 1000 + a_day);

  const auto again = await(jobs->insert_batch(make_batch(random, 1001, 2), key));
  REQUIRE(again);
  CHECK_FALSE(again->replayed);
}

namespace {

struct outcomes {
  std::mutex mutex;
  std::set<std::string> named;
  int fresh = 0;
  int failed = 0;
};

task<void> insert_one(job_store& store, std::vector<job> fresh, outcomes& all, std::latch& done) {
  const auto inserted = co_await store.insert_batch(std::move(fresh), key);
  {
    const std::lock_guard lock{all.mutex};
    if (!inserted) ++all.failed;
    if (inserted) all.named.insert(inserted->stored.text());
    if (inserted && !inserted->replayed) ++all.fresh;
  }
  done.count_down();
}

}  // namespace

TEST_CASE("racing batches under one key are one batch") {
  constexpr std::size_t racing = 40;
  std::vector<std::unique_ptr<shard>> shards;  // outlive the store
  for (std::size_t i = 0; i < 2; ++i) shards.push_back(std::make_unique<shard>(i));
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{8};
  outcomes all;
  std::latch done{racing};
  for (std::size_t i = 0; i < racing; ++i) {
    asio::co_spawn(shards[i % 2]->get_executor(), insert_one(*jobs.store, make_batch(random, 1000, 10), all, done),
                   asio::detached);
  }

  for (auto& each : shards) each->start();
  done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  CHECK(all.failed == 0);
  CHECK(all.fresh == 1);
  CHECK(all.named.size() == 1);
  CHECK(await(jobs->select({.limit = 1000}))->size() == 10);
}

namespace {

task<void> erase_one(job_store& store, job_id id, std::latch& done) {
  static_cast<void>(co_await store.erase(std::move(id), at(2000)));
  done.count_down();
}

}  // namespace

TEST_CASE("jobs of one batch that are erased at once leave its key spent, and old enough it is free") {
  constexpr std::size_t size = 50;
  std::vector<std::unique_ptr<shard>> shards;
  for (std::size_t i = 0; i < 2; ++i) shards.push_back(std::make_unique<shard>(i));
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{9};
  const auto fresh = make_batch(random, 1000, size);
  REQUIRE(await(jobs->insert_batch(fresh, key)));
  for (const auto& each : fresh) end_stored(*jobs.store, each);
  std::latch done{size};
  for (std::size_t i = 0; i < size; ++i) {
    asio::co_spawn(shards[i % 2]->get_executor(), erase_one(*jobs.store, fresh[i].id, done), asio::detached);
  }

  for (auto& each : shards) each->start();
  done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  CHECK(stored_of(jobs, fresh.front().batch).empty());
  CHECK(await(jobs->insert_batch(make_batch(random, 3000, 2), key)).error().code == errc::key_spent);
  CHECK(await(jobs->insert_batch(make_batch(random, 1000 + a_day, 2), key)));
}
