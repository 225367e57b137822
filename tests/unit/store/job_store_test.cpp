// What every job store must do, run over each of them.

#include "store_support.hpp"
#include "stores_under_test.hpp"

#include <music/async/shard.hpp>

#include <boost/asio/detached.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>

using namespace music;
using namespace music::test;

namespace {

/// A fresh store of the kind that the test case is run with.
struct fresh_store {
  temporary_directory directory;
  std::unique_ptr<job_store> store;

  explicit fresh_store(const std::string& kind) : store(open_job_store(kind, directory.path())) {}
  job_store* operator->() const { return store.get(); }
};

#define EVERY_STORE GENERATE(from_range(job_store_kinds()))

std::vector<job_id> ids(const std::vector<job>& jobs) {
  std::vector<job_id> found;
  for (const auto& stored : jobs) found.push_back(stored.id);
  return found;
}

void insert(const fresh_store& jobs, const job& fresh) { REQUIRE(await(jobs->insert(fresh, std::nullopt))); }

std::vector<job_id> selected(const fresh_store& jobs, job_filter filter) {
  const auto page = await(jobs->select(std::move(filter)));
  REQUIRE(page);
  return ids(*page);
}

}  // namespace

TEST_CASE("a stored job is loaded as it was") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{1};
  const auto fresh = make_job(random, 1000, "alice");

  const auto inserted = await(jobs->insert(fresh, std::nullopt));
  const auto loaded = await(jobs->load(fresh.id));

  REQUIRE(inserted);
  CHECK(inserted->stored == fresh);
  CHECK_FALSE(inserted->replayed);
  REQUIRE(loaded);
  CHECK(*loaded == fresh);
}

TEST_CASE("a job that was never stored is not found") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{2};
  const auto unknown = make_job(random, 1000);

  CHECK(await(jobs->load(unknown.id)).error().code == errc::not_found);
  CHECK(await(jobs->update(unknown, 1)).error().code == errc::not_found);
  CHECK(await(jobs->erase(unknown.id, at(1000))));
}

TEST_CASE("an update replaces the job") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{3};
  auto stored = make_job(random, 1000);
  insert(jobs, stored);
  stored.status = job_status::running;
  stored.prompt.text = "warm vinyl crackle";
  stored.version = 2;

  const auto updated = await(jobs->update(stored, 1));

  REQUIRE(updated);
  CHECK(*await(jobs->load(stored.id)) == stored);
}

TEST_CASE("an id is taken once") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{4};
  const auto first = make_job(random, 1000, "alice");
  auto second = make_job(random, 1000, "bob");
  second.id = first.id;
  insert(jobs, first);

  const auto refused = await(jobs->insert(second, idempotency{"bob /generate", "k", "f"}));

  CHECK(refused.error().code == errc::internal);
  CHECK(*await(jobs->load(first.id)) == first);
  const auto other = make_job(random, 1001, "bob");
  const auto inserted = await(jobs->insert(other, idempotency{"bob /generate", "k", "f"}));
  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
}

TEST_CASE("an erased job is gone, and its idempotency key with it") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{5};
  const auto fresh = make_job(random, 1000);
  const idempotency key{"/generate", "key-1", "print"};
  REQUIRE(await(jobs->insert(fresh, key)));
  end_stored(*jobs.store, fresh);

  REQUIRE(await(jobs->erase(fresh.id, at(1000) + key_retention)));

  CHECK(await(jobs->load(fresh.id)).error().code == errc::not_found);
  CHECK(selected(jobs, {}).empty());
  const auto again = await(jobs->insert(make_job(random, 2000), key));
  REQUIRE(again);
  CHECK_FALSE(again->replayed);
}

TEST_CASE("a job that has not ended, or runs again, cannot be erased") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{25};
  const auto stored = make_job(random, 1000);
  insert(jobs, stored);

  CHECK(await(jobs->erase(stored.id, at(2000))).error().code == errc::conflict);
  auto again = end_stored(*jobs.store, stored);
  const auto seen = again.version++;
  again.status = job_status::queued;
  REQUIRE(await(jobs->reopen(again, seen)));
  CHECK(await(jobs->erase(stored.id, at(2000))).error().code == errc::conflict);

  CHECK(*await(jobs->load(stored.id)) == again);
}

namespace {

/// What became of an erasure and a reopening of the same job. The test waits for the latch.
struct contest {
  std::atomic<bool> erased{false};
  std::atomic<bool> reopened{false};
};

task<void> erase_one(job_store& store, job_id id, contest& over, std::latch& done) {
  const auto erased = co_await store.erase(std::move(id), at(2000));
  over.erased = erased.has_value();
  done.count_down();
}

task<void> reopen_one(job_store& store, job again, contest& over, std::latch& done) {
  const auto seen = again.version - 1;
  const auto reopened = co_await store.reopen(std::move(again), seen);
  over.reopened = reopened.has_value();
  done.count_down();
}

}  // namespace

TEST_CASE("of an erasure and a reopening at once one wins, and a job that runs again is there") {
  constexpr std::size_t jobs_raced_for = 100;
  std::vector<std::unique_ptr<shard>> shards;  // outlive the store
  for (std::size_t i = 0; i < 2; ++i) shards.push_back(std::make_unique<shard>(i));
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{26};
  std::vector<job> raced_for;
  for (std::size_t i = 0; i < jobs_raced_for; ++i) {
    const auto stored = make_job(random, 1000);
    insert(jobs, stored);
    auto again = end_stored(*jobs.store, stored);
    ++again.version;
    again.status = job_status::queued;
    raced_for.push_back(std::move(again));
  }
  std::vector<contest> contests(jobs_raced_for);
  std::latch done{2 * jobs_raced_for};
  for (std::size_t i = 0; i < jobs_raced_for; ++i) {
    const auto& each = raced_for[i];
    asio::co_spawn(shards[i % 2]->get_executor(), erase_one(*jobs.store, each.id, contests[i], done), asio::detached);
    asio::co_spawn(shards[(i + 1) % 2]->get_executor(), reopen_one(*jobs.store, each, contests[i], done), asio::detached);
  }

  for (auto& each : shards) each->start();
  done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  for (std::size_t i = 0; i < jobs_raced_for; ++i) {
    CHECK(contests[i].erased != contests[i].reopened);
    CHECK(await(jobs->load(raced_for[i].id)).has_value() == contests[i].reopened);
  }
}

TEST_CASE("a key is spent when its job was erased within a day, and is never a second purchase") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{21};
  const auto fresh = make_job(random, 1000);
  const idempotency key{"/generate", "key-1", "print"};
  REQUIRE(await(jobs->insert(fresh, key)));
  end_stored(*jobs.store, fresh);

  REQUIRE(await(jobs->erase(fresh.id, at(2000))));

  CHECK(await(jobs->insert(make_job(random, 2000), key)).error().code == errc::key_spent);
  CHECK(await(jobs->insert(make_job(random, 2000), idempotency{"/generate", "key-1", "other"})).error().code == errc::key_reused);
  CHECK(await(jobs->insert(make_job(random, 1000 + std::chrono::milliseconds{key_retention}.count()), key)));
}

TEST_CASE("a write with an old lease is refused and changes nothing") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{22};
  auto stored = make_job(random, 1000);
  const auto first = await(jobs->insert(stored, std::nullopt))->lease;
  REQUIRE(await(jobs->release()));
  const auto claimed = await(jobs->claim(10)).value();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed.front().state == stored);
  CHECK(claimed.front().lease > first);
  const auto before = stored;
  stored.version = 2;

  CHECK(await(jobs->update(stored, first)).error().code == errc::lease_lost);

  CHECK(*await(jobs->load(stored.id)) == before);
  CHECK(await(jobs->update(stored, claimed.front().lease)));
}

TEST_CASE("unfinished jobs that nobody holds are claimed once, the oldest first") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{23};
  std::vector<job_id> made;
  for (int i = 0; i < 5; ++i) {
    const auto fresh = make_job(random, 1000 + i);
    insert(jobs, fresh);
    made.push_back(fresh.id);
  }
  REQUIRE(await(jobs->update(ended_as(*await(jobs->load(made[4])), job_status::success, 5000), 1)));
  CHECK(await(jobs->claim(10))->empty());
  REQUIRE(await(jobs->release()));

  const auto first = await(jobs->claim(3)).value();
  const auto second = await(jobs->claim(3)).value();

  REQUIRE(first.size() == 3);
  REQUIRE(second.size() == 1);
  for (std::size_t i = 0; i < 3; ++i) CHECK(first[i].state.id == made[i]);
  CHECK(second.front().state.id == made[3]);
  CHECK(first.front().crashes == 0);
  CHECK(await(jobs->claim(3))->empty());
}

TEST_CASE("an ended job is reopened by whoever saw its last version, once") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{24};
  auto stored = make_job(random, 1000);
  insert(jobs, stored);
  CHECK(await(jobs->reopen(stored, stored.version)).error().code == errc::conflict);
  const auto ended = ended_as(stored, job_status::error, 5000);
  REQUIRE(await(jobs->update(ended, 1)));
  auto again = ended;
  again.status = job_status::queued;
  again.version = ended.version + 1;

  const auto lease = await(jobs->reopen(again, ended.version));

  REQUIRE(lease);
  CHECK(*lease > 1);
  CHECK(*await(jobs->load(stored.id)) == again);
  CHECK(await(jobs->reopen(again, ended.version)).value() == *lease);  // the same question after a lost answer
  auto other = again;
  other.updated_at += std::chrono::milliseconds{1};
  CHECK(await(jobs->reopen(other, ended.version)).error().code == errc::conflict);
  ++other.version;
  REQUIRE(await(jobs->update(other, *lease)));
  CHECK(await(jobs->reopen(again, ended.version)).error().code == errc::conflict);
  CHECK(await(jobs->reopen(make_job(random, 9000), 1)).error().code == errc::not_found);
}

TEST_CASE("the same key and request give the stored job as it is now") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{6};
  auto first = make_job(random, 1000);
  const idempotency key{"alice /generate", "key-1", "print"};
  REQUIRE(await(jobs->insert(first, key)));
  first.status = job_status::running;
  REQUIRE(await(jobs->update(first, 1)));
  const auto second = make_job(random, 1001);

  const auto replayed = await(jobs->insert(second, key));

  REQUIRE(replayed);
  CHECK(replayed->replayed);
  CHECK(replayed->stored == first);
  CHECK(await(jobs->load(second.id)).error().code == errc::not_found);
}

TEST_CASE("the same key with another request is refused and stores nothing") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{7};
  REQUIRE(await(jobs->insert(make_job(random, 1000), idempotency{"/generate", "key-1", "print"})));
  const auto second = make_job(random, 1001);

  const auto refused = await(jobs->insert(second, idempotency{"/generate", "key-1", "another"}));

  CHECK(refused.error().code == errc::key_reused);
  CHECK(await(jobs->load(second.id)).error().code == errc::not_found);
}

TEST_CASE("a key means something within its scope only") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{8};
  REQUIRE(await(jobs->insert(make_job(random, 1000), idempotency{"alice /generate", "key-1", "print"})));

  const auto other = await(jobs->insert(make_job(random, 1001), idempotency{"bob /generate", "key-1", "another"}));

  REQUIRE(other);
  CHECK_FALSE(other->replayed);
}

namespace {

struct race {
  std::mutex mutex;
  std::vector<insertion> outcomes;
  std::latch done;
};

/// `shared` outlives every racer: the test waits for the latch.
task<void> race_once(job_store& store, job fresh, race& shared) {
  auto inserted = co_await store.insert(std::move(fresh), idempotency{"/generate", "key-1", "print"});
  {
    const std::lock_guard lock{shared.mutex};
    if (inserted) shared.outcomes.push_back(std::move(*inserted));
  }
  shared.done.count_down();
}

}  // namespace

TEST_CASE("of 200 racing equal keys one makes the job and the others get it") {
  constexpr int racers = 200;
  std::vector<std::unique_ptr<shard>> shards;  // outlive the store
  for (std::size_t i = 0; i < 4; ++i) shards.push_back(std::make_unique<shard>(i));
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{9};
  race shared{{}, {}, std::latch{racers}};
  for (std::size_t i = 0; i < racers; ++i) {
    asio::co_spawn(shards[i % 4]->get_executor(), race_once(*jobs.store, make_job(random, 1000), shared), asio::detached);
  }

  for (auto& each : shards) each->start();
  shared.done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  REQUIRE(shared.outcomes.size() == racers);
  CHECK(std::ranges::count(shared.outcomes, false, &insertion::replayed) == 1);
  for (const auto& outcome : shared.outcomes) CHECK(outcome.stored == shared.outcomes.front().stored);
  CHECK(selected(jobs, {}).size() == 1);
}

TEST_CASE("jobs are listed newest first, page by page, each once") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{10};
  std::vector<job_id> expected;
  for (std::int64_t i = 0; i < 25; ++i) {
    const auto fresh = make_job(random, 1000 + i / 3, "alice");
    insert(jobs, fresh);
    insert(jobs, make_job(random, 1000 + i / 3, "bob"));
    expected.push_back(fresh.id);
  }
  std::ranges::sort(expected, std::greater{});

  std::vector<job_id> listed;
  std::size_t pages = 0;
  for (std::optional<job_id> cursor;; ++pages) {
    const auto page = selected(jobs, {.owner = "alice", .older_than = cursor, .limit = 10});
    if (page.empty()) break;
    listed.insert(listed.end(), page.begin(), page.end());
    cursor = page.back();
  }

  CHECK(pages == 3);
  CHECK(listed == expected);
}

namespace {

std::vector<job_id> matching(const std::vector<job>& jobs, const job_filter& filter) {
  std::vector<job_id> expected;
  for (const auto& one : jobs) {
    const bool expired = one.done() && filter.expired_before && *one.expires_at < *filter.expired_before;
    const bool matches = (!filter.owner || one.owner == *filter.owner) && (!filter.status || one.status == *filter.status) &&
                         (!filter.unfinished_only || !one.done()) && (!filter.expired_before || expired) &&
                         (!filter.older_than || one.id < *filter.older_than);
    if (matches) expected.push_back(one.id);
  }
  return expected;
}

}  // namespace

TEST_CASE("a filter gives exactly the jobs that match it") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{11};
  std::vector<job> all;
  for (const auto* owner : {"", "alice", "bob"}) {
    for (int status = 0; status < 7; ++status) {
      auto fresh = make_job(random, 1000 + status, owner);
      insert(jobs, fresh);
      const auto wanted = static_cast<job_status>(status);
      fresh.status = wanted;
      if (ended(wanted)) fresh = ended_as(fresh, wanted, 5000 + status);
      REQUIRE(await(jobs->update(fresh, 1)));
      all.push_back(fresh);
    }
  }
  std::ranges::sort(all, std::greater{}, &job::id);

  // loops, not generators: filling a durable store anew for each combination would take 6,000 fsyncs
  const std::optional<std::string> owners[]{std::nullopt, "", "alice", "nobody"};
  const std::optional<job_status> statuses[]{std::nullopt, job_status::running, job_status::error};
  const std::optional<wall_time> expiries[]{std::nullopt, at(5005), at(9000)};
  const std::optional<job_id> cursors[]{std::nullopt, all[9].id};
  for (const auto& owner : owners) {
    for (const auto& status : statuses) {
      for (const bool unfinished : {false, true}) {
        for (const auto& expired : expiries) {
          for (const auto& cursor : cursors) {
            const job_filter filter{owner, status, unfinished, expired, cursor, 100};
            CHECK(selected(jobs, filter) == matching(all, filter));
          }
        }
      }
    }
  }
}

TEST_CASE("a page of expired jobs holds those that expired first") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{12};
  std::vector<job_id> first_two;
  for (const std::int64_t expires : {9000, 5000, 8000, 6000, 7000}) {
    const auto done = ended_as(make_job(random, 1000 + expires), job_status::success, expires);
    insert(jobs, done);
    if (expires <= 6000) first_two.push_back(done.id);
  }
  std::ranges::sort(first_two, std::greater{});

  CHECK(selected(jobs, {.expired_before = at(8500), .limit = 2}) == first_two);
}

TEST_CASE("a job that has ended is no longer among the unfinished") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{13};
  const auto going = make_job(random, 1000);
  const auto ending = make_job(random, 1001);
  insert(jobs, going);
  insert(jobs, ending);

  REQUIRE(await(jobs->update(ended_as(ending, job_status::canceled, 5000), 1)));

  CHECK(selected(jobs, {.unfinished_only = true}) == std::vector{going.id});
}

TEST_CASE("hostile text is stored as text") {
  const fresh_store jobs{EVERY_STORE};
  seeded_random random{14};
  auto fresh = make_job(random, 1000, "'; DROP TABLE jobs; --");
  fresh.request.theme = std::string{"a\0b' OR 1=1 -- \"", 16};
  const idempotency key{"' OR ''='", "?1", "%"};

  REQUIRE(await(jobs->insert(fresh, key)));

  CHECK(*await(jobs->load(fresh.id)) == fresh);
  CHECK(selected(jobs, {.owner = fresh.owner}) == std::vector{fresh.id});
  CHECK(selected(jobs, {.owner = "' OR ''='"}).empty());
}
