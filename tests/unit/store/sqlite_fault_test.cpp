// Commits of which SQLite cannot say what became of them: their bytes are in the log, and the sync after them fails.

#include "store_support.hpp"

#include <music/store/sqlite_store.hpp>

#include <catch2/catch.hpp>

#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>

using namespace music;
using namespace music::test;

namespace {

std::atomic<int> failing_syncs{0};

}  // namespace

/// Stands before the C library's: SQLite's commits end with it.
extern "C" int fdatasync(int file) {
  if (failing_syncs > 0) {
    --failing_syncs;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

namespace {

constexpr int for_ever = 1'000'000;

/// A store with one job that has ended, and what it is to run again as.
struct ended_job {
  temporary_directory directory;
  std::unique_ptr<job_store> store = open_sqlite_job_store({.directory = directory.path()}).value();
  seeded_random random{1};
  job stored = make_job(random, 1000);
  job again;
  std::uint64_t seen_version = 0;

  ended_job() {
    if (!await(store->insert(stored, std::nullopt))) throw std::logic_error("the job could not be inserted");
    again = end_stored(*store, stored);
    seen_version = again.version++;
    again.status = job_status::queued;
  }
  ~ended_job() { failing_syncs = 0; }

  /// A log that is empty begins with a sync of its own; with this commit it is not.
  void fail_next_commit() {
    if (!await(store->insert(make_job(random, 3000), std::nullopt))) throw std::logic_error("the log could not be begun");
    failing_syncs = 1;
  }
};

}  // namespace

TEST_CASE_METHOD(ended_job, "a reopening whose commit has an unknown outcome is read back") {
  fail_next_commit();

  const auto lease = await(store->reopen(again, seen_version));

  REQUIRE(failing_syncs == 0);
  REQUIRE(lease);
  CHECK(*await(store->load(stored.id)) == again);
  CHECK(await(store->update(ended_as(again, job_status::success, 5000), *lease)));
}

TEST_CASE_METHOD(ended_job, "a reopening that could not be read back is found by whoever asks again") {
  failing_syncs = for_ever;
  CHECK(await(store->reopen(again, seen_version)).error().code == errc::store_unavailable);
  failing_syncs = 0;
  REQUIRE(*await(store->load(stored.id)) == again);

  const auto lease = await(store->reopen(again, seen_version));

  REQUIRE(lease);
  CHECK(await(store->update(ended_as(again, job_status::success, 5000), *lease)));
}

TEST_CASE_METHOD(ended_job, "a batch whose commit has an unknown outcome is read back whole") {
  const auto fresh = make_batch(random, 2000, 50);
  const idempotency key{"alice POST /batches", "key-1", "print"};
  fail_next_commit();

  const auto inserted = await(store->insert_batch(fresh, key));

  CHECK(failing_syncs == 0);
  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
  for (const auto& each : fresh) CHECK(*await(store->load(each.id)) == each);
  CHECK(await(store->insert_batch(make_batch(random, 3000, 50), key))->replayed);
}

TEST_CASE_METHOD(ended_job, "of a batch that was refused and may be durable all the same nothing stays, and its key is free") {
  const auto refused = make_batch(random, 2000, 50);
  const idempotency key{"alice POST /batches", "key-1", "print"};
  fail_next_commit();
  failing_syncs = for_ever;
  REQUIRE(await(store->insert_batch(refused, key)).error().code == errc::store_unavailable);
  failing_syncs = 0;

  for (const auto& each : refused) CHECK(await(store->load(each.id)).error().code == errc::not_found);

  const auto inserted = await(store->insert_batch(make_batch(random, 3000, 50), key));
  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
}

TEST_CASE_METHOD(ended_job, "other changes whose commit has an unknown outcome are read back too") {
  const auto fresh = make_job(random, 2000);
  fail_next_commit();
  REQUIRE(await(store->insert(fresh, std::nullopt)));
  fail_next_commit();
  CHECK(await(store->update(ended_as(fresh, job_status::error, 5000), 1)));
  fail_next_commit();
  CHECK(await(store->erase(fresh.id, at(2000))));

  CHECK(failing_syncs == 0);
  CHECK(await(store->load(fresh.id)).error().code == errc::not_found);
}
