// What only the SQLite store must do: outlive the process, keep others out, forget what was erased, and survive its disk.

#include "log_capture.hpp"
#include "store_support.hpp"

#include <music/store/sqlite_store.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

using namespace music;
using namespace music::test;

namespace {

std::unique_ptr<job_store> opened(const std::filesystem::path& directory) {
  return open_sqlite_job_store({.directory = directory, .lock_timeout = std::chrono::milliseconds{0}}).value();
}

error refusal(const std::filesystem::path& directory) {
  const auto store = open_sqlite_job_store({.directory = directory, .lock_timeout = std::chrono::milliseconds{0}});
  REQUIRE_FALSE(store);
  return store.error();
}

bool kept(job_store& store, const job& expected) {
  const auto loaded = await(store.load(expected.id));
  return loaded && *loaded == expected;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat about{};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

std::string files_of(const std::filesystem::path& directory) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) bytes += bytes_of(entry.path());
  return bytes;
}

}  // namespace

TEST_CASE("a database that is opened again holds every job and key") {
  const temporary_directory directory;
  seeded_random random{1};
  const auto plain = make_job(random, 1000, "alice");
  const auto keyed = make_job(random, 1001, "alice");
  const idempotency key{"alice /generate", "key-1", "print"};
  {
    const auto store = opened(directory.path());
    REQUIRE(await(store->insert(plain, std::nullopt)));
    REQUIRE(await(store->insert(keyed, key)));
  }

  const auto store = opened(directory.path());

  CHECK(kept(*store, plain));
  CHECK(kept(*store, keyed));
  const auto replayed = await(store->insert(make_job(random, 1002), key));
  REQUIRE(replayed);
  CHECK(replayed->stored == keyed);
}

TEST_CASE("a job counts the processes that ended while they had it, until its next checkpoint") {
  const temporary_directory directory;
  seeded_random random{31};
  auto stored = make_job(random, 1000);
  { REQUIRE(await(opened(directory.path())->insert(stored, std::nullopt))); }
  for (int crashes = 1; crashes <= 2; ++crashes) {
    const auto claimed = await(opened(directory.path())->claim(10)).value();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed.front().crashes == crashes);
  }
  {
    const auto store = opened(directory.path());
    const auto claimed = await(store->claim(10)).value();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed.front().crashes == 3);
    stored.version = 2;
    REQUIRE(await(store->update(stored, claimed.front().lease)));
    REQUIRE(await(store->release()));
  }

  const auto claimed = await(opened(directory.path())->claim(10)).value();

  REQUIRE(claimed.size() == 1);
  CHECK(claimed.front().crashes == 0);
  CHECK(claimed.front().state == stored);
}

TEST_CASE("directory and database are for the owner's eyes only") {
  const temporary_directory directory;
  const auto data = directory.path() / "deep" / "data";
  seeded_random random{2};
  const auto before = umask(0);

  const auto store = opened(data);
  const auto inserted = await(store->insert(make_job(random, 1000), std::nullopt));
  umask(before);

  REQUIRE(inserted);
  CHECK(mode_of(data) == 0700);
  CHECK(mode_of(data / "jobs.db") == 0600);
  CHECK(mode_of(data / "jobs.db-wal") == 0600);
}

TEST_CASE("a database that is in use is refused") {
  const temporary_directory directory;
  const auto first = opened(directory.path());

  CHECK(refusal(directory.path()).detail.ends_with("another process uses this database"));
}

TEST_CASE("a file that is not ours is refused and left as it was") {
  const temporary_directory directory;
  const auto file = directory.path() / "jobs.db";
  std::ofstream{file} << std::string(5000, 'x');
  const auto before = bytes_of(file);

  CHECK(refusal(directory.path()).detail.find("not an SQLite database") != std::string::npos);
  CHECK(bytes_of(file) == before);
}

namespace {

void alter(const std::filesystem::path& file, const char* script) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, script, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

}  // namespace

TEST_CASE("another program's database is refused and left as it was") {
  const temporary_directory directory;
  const auto file = directory.path() / "jobs.db";
  alter(file, "CREATE TABLE theirs (x)");
  const auto before = bytes_of(file);

  CHECK(refusal(directory.path()).detail.find("another program's") != std::string::npos);
  CHECK(bytes_of(file) == before);
}

TEST_CASE("a record that cannot be read is reported by its id, and hides no other job") {
  const temporary_directory directory;
  seeded_random random{32};
  std::vector<job> stored;
  {
    const auto store = opened(directory.path());
    for (int i = 0; i < 3; ++i) {
      stored.push_back(make_job(random, 1000 + i));
      REQUIRE(await(store->insert(stored.back(), std::nullopt)));
    }
  }
  const auto broken = stored[1].id.text();
  alter(directory.path() / "jobs.db",
        ("UPDATE jobs SET record = replace(record, 'queued', 'unheard of') WHERE id = '" + broken + "'").c_str());

  log_capture lines;
  {
    const auto store = opened(directory.path());
    CHECK(await(store->select({.limit = 2})).value() == std::vector{stored[2], stored[0]});
    CHECK(await(store->select({.older_than = stored[2].id, .limit = 1})).value() == std::vector{stored[0]});
    const auto claimed = await(store->claim(10)).value();
    REQUIRE(claimed.size() == 2);
    CHECK(claimed[0].state == stored[0]);
    CHECK(claimed[1].state == stored[2]);
  }

  const auto said = lines.text();
  CHECK(said.find("unreadable_record") != std::string::npos);
  CHECK(said.find(broken) != std::string::npos);
  CHECK(said.find(stored[1].request.theme) == std::string::npos);
}

TEST_CASE("a database from before there were batches keeps its jobs and keys, and takes batches") {
  const temporary_directory directory;
  seeded_random random{33};
  const auto stored = make_job(random, 1000, "alice");
  const auto gone = make_job(random, 1000, "alice");
  const idempotency known{"alice POST /generate", "key-1", "print"};
  const idempotency spent{"alice POST /generate", "key-2", "print"};
  {
    const auto store = opened(directory.path());
    REQUIRE(await(store->insert(stored, known)));
    REQUIRE(await(store->insert(gone, spent)));
    end_stored(*store, gone);
    REQUIRE(await(store->erase(gone.id, at(2000))));
  }
  alter(directory.path() / "jobs.db",
        "DROP INDEX jobs_by_batch; ALTER TABLE jobs DROP COLUMN batch_id; ALTER TABLE idempotency DROP COLUMN batch_id;"
        "PRAGMA user_version = 3");

  const auto store = opened(directory.path());

  CHECK(kept(*store, stored));
  CHECK(await(store->insert(make_job(random, 2000, "alice"), known))->replayed);
  CHECK(await(store->insert(make_job(random, 2000, "alice"), spent)).error().code == errc::key_spent);
  const auto fresh = make_batch(random, 3000, 3);
  REQUIRE(await(store->insert_batch(fresh, idempotency{"alice POST /batches", "key-1", "print"})));
  for (const auto& each : fresh) CHECK(kept(*store, each));
}

TEST_CASE("a database of a later version is refused") {
  const temporary_directory directory;
  opened(directory.path()).reset();
  alter(directory.path() / "jobs.db", "PRAGMA user_version = 99");

  CHECK(refusal(directory.path()).detail.find("later version") != std::string::npos);
}

TEST_CASE("a damaged database is set aside as it was, and said loudly") {
  const temporary_directory directory;
  const auto file = directory.path() / "jobs.db";
  {
    const auto store = opened(directory.path());
    seeded_random random{3};
    for (int i = 0; i < 100; ++i) REQUIRE(await(store->insert(make_job(random, i), std::nullopt)));
  }
  auto bytes = bytes_of(file);
  for (std::size_t page = 4096; page < bytes.size(); page += 4096) bytes.replace(page, 64, 64, '\xff');
  std::ofstream{file, std::ios::binary} << bytes;

  log_capture lines;
  const auto store = opened(directory.path());

  CHECK(await(store->select({}))->empty());
  CHECK(lines.text().find("damaged") != std::string::npos);
  const auto is_set_aside = [](const auto& entry) {
    return entry.path().string().find(".damaged-") != std::string::npos && entry.file_size() > 0;
  };
  const std::filesystem::directory_iterator files{directory.path()};
  const auto aside = std::find_if(begin(files), end(files), is_set_aside);
  REQUIRE(aside != end(files));
  CHECK(bytes_of(aside->path()) == bytes);
}

TEST_CASE("an erased theme is nowhere in the files") {
  const temporary_directory directory;
  const auto store = opened(directory.path());
  seeded_random random{4};
  std::vector<job> secret;
  for (int i = 0; i < 90; ++i) {
    auto fresh = make_job(random, i);
    if (i % 3 == 0) {
      fresh.request.theme = "unforgettable" + std::string(static_cast<std::size_t>(i * 60), 'u');
      secret.push_back(fresh);
    }
    REQUIRE(await(store->insert(fresh, idempotency{"/generate", "unforgettable-" + std::to_string(i), "f"})));
    fresh.prompt.text = std::string(static_cast<std::size_t>(i), 'p');
    if (i % 3 == 0) end_stored(*store, fresh);
  }
  REQUIRE(files_of(directory.path()).find("unforgettable") != std::string::npos);

  for (const auto& one : secret) REQUIRE(await(store->erase(one.id, one.created_at + key_retention)));

  const auto left = files_of(directory.path());
  CHECK(left.find("unforgettableuuuu") == std::string::npos);
  CHECK(left.find("unforgettable-0") == std::string::npos);
  CHECK(left.find("rainy night in Tokyo") != std::string::npos);
}

namespace {

/// Prints the id of each job once it is durable, until it is killed.
task<result<void>> insert_for_ever(job_store& store) {
  for (std::int64_t when = 1;; ++when) {
    auto fresh = make_job(system_random(), when);
    const auto line = fresh.id.text() + "\n";
    const auto inserted = co_await store.insert(std::move(fresh), std::nullopt);
    if (!inserted) co_return inserted.error();
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) co_return error{errc::internal};
  }
}

constexpr const char* child_directory = "MUSIC_STORE_TEST_CHILD";

}  // namespace

// Hidden: the next test runs this program anew with this case alone, as the child that is killed.
TEST_CASE("child: inserts until it is killed", "[.child]") {
  const char* const directory = std::getenv(child_directory);
  if (directory == nullptr) return;
  const auto store = opened(directory);
  CHECK(await(insert_for_ever(*store)));
}

TEST_CASE("kill -9 right after an acknowledged insert loses nothing") {
  const temporary_directory directory;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  posix_spawn_file_actions_t redirect;
  posix_spawn_file_actions_init(&redirect);
  posix_spawn_file_actions_adddup2(&redirect, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&redirect, ends[0]);
  std::string name = "store-test-child";
  std::string which = "child: inserts until it is killed";
  std::string variable = std::string{child_directory} + "=" + directory.path().string();
  char* const arguments[]{name.data(), which.data(), nullptr};
  char* const environment[]{variable.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/proc/self/exe", &redirect, nullptr, arguments, environment) == 0);
  posix_spawn_file_actions_destroy(&redirect);
  close(ends[1]);

  std::string acknowledged;
  char buffer[4096];
  for (ssize_t got = 1; acknowledged.size() < 4'000 && got > 0;) {
    got = read(ends[0], buffer, sizeof buffer);
    if (got > 0) acknowledged.append(buffer, static_cast<std::size_t>(got));
  }
  kill(child, SIGKILL);
  for (ssize_t got = 1; got > 0;) {
    got = read(ends[0], buffer, sizeof buffer);
    if (got > 0) acknowledged.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);

  const auto store = opened(directory.path());
  std::size_t found = 0;
  for (std::size_t from = 0, to = 0; (to = acknowledged.find('\n', from)) != std::string::npos; from = to + 1) {
    const auto id = job_id::parse(std::string_view{acknowledged}.substr(from, to - from));
    if (!id) continue;  // what the test framework prints
    REQUIRE(await(store->load(*id)));
    ++found;
  }
  CHECK(found >= 50);
}

namespace {

/// Files of this process may not grow past `bytes` while this lives: every larger write fails.
class full_disk {
 public:
  explicit full_disk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit narrow{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &narrow);
  }
  ~full_disk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a full disk is store_unavailable, loses no acknowledged job, and ends with the disk's fullness") {
  const temporary_directory directory;
  seeded_random random{5};
  const auto store = opened(directory.path());
  std::vector<job> acknowledged;
  std::vector<job> refused;
  {
    const full_disk limit{256 * 1024};
    for (int i = 0; i < 100; ++i) {
      auto fresh = make_job(random, i);
      fresh.request.theme = std::string(4000, 't');
      const auto inserted = await(store->insert(fresh, std::nullopt));
      if (!inserted) CHECK(inserted.error().code == errc::store_unavailable);
      (inserted ? acknowledged : refused).push_back(fresh);
    }
  }
  REQUIRE_FALSE(acknowledged.empty());
  REQUIRE_FALSE(refused.empty());

  const auto after = make_job(random, 5000);
  REQUIRE(await(store->insert(after, std::nullopt)));
  for (const auto& one : acknowledged) CHECK(kept(*store, one));
  const auto all = await(store->select({.limit = 1000}));
  REQUIRE(all);
  CHECK(all->size() == acknowledged.size() + 1);
}

TEST_CASE("a batch that the disk has no room for leaves nothing, and those that fit stay") {
  const temporary_directory directory;
  seeded_random random{34};
  const auto store = opened(directory.path());
  std::vector<std::vector<job>> acknowledged;
  std::vector<std::vector<job>> refused;
  {
    const full_disk limit{1024 * 1024};
    for (int i = 0; i < 10; ++i) {
      auto fresh = make_batch(random, i, 50);
      for (auto& each : fresh) each.request.lyrics = std::string(4000, 't');
      const auto inserted = await(store->insert_batch(fresh, std::nullopt));
      if (!inserted) CHECK(inserted.error().code == errc::store_unavailable);
      (inserted ? acknowledged : refused).push_back(fresh);
    }
  }
  REQUIRE_FALSE(acknowledged.empty());
  REQUIRE_FALSE(refused.empty());

  for (const auto& one : acknowledged) {
    for (const auto& each : one) CHECK(kept(*store, each));
  }
  CHECK(await(store->select({.limit = 1000}))->size() == acknowledged.size() * 50);
}

TEST_CASE("a full queue is store_unavailable at once") {
  const temporary_directory directory;
  const auto store = open_sqlite_job_store({.directory = directory.path(), .most_queued = 0}).value();
  seeded_random random{6};

  const auto refused = await(store->insert(make_job(random, 1000), std::nullopt));

  CHECK(refused.error().code == errc::store_unavailable);
}

namespace {

/// How an insert ended that was cancelled after it was queued: whichever of commit and cancellation came first.
struct cancelled_insert {
  asio::cancellation_signal signal;
  bool ended = false;
};

void start_and_cancel(job_store& store, const job& fresh, asio::io_context& context, cancelled_insert& attempt) {
  asio::co_spawn(context.get_executor(), store.insert(fresh, std::nullopt),
                 asio::bind_cancellation_slot(
                     attempt.signal.slot(), [&attempt](std::exception_ptr, const result<insertion>&) { attempt.ended = true; }));
  context.poll_one();  // co_spawn begins
  context.poll_one();  // the insert runs until it is queued
  attempt.signal.emit(asio::cancellation_type::terminal);
}

}  // namespace

TEST_CASE("an insert that is cancelled while it is queued is carried out, and its await ends") {
  const temporary_directory directory;
  seeded_random random{7};
  asio::io_context context{1};
  const auto store = opened(directory.path());

  for (int i = 0; i < 20; ++i) {
    const auto fresh = make_job(random, 1000 + i);
    cancelled_insert attempt;
    start_and_cancel(*store, fresh, context, attempt);
    context.run();
    context.restart();
    CHECK(attempt.ended);
    CHECK(kept(*store, fresh));
  }
}

TEST_CASE("a store that is destroyed carries out what waits, even for a loop that has stopped") {
  const temporary_directory directory;
  seeded_random random{8};
  const auto fresh = make_job(random, 1000);
  {
    asio::io_context context{1};
    const auto store = opened(directory.path());
    asio::co_spawn(context.get_executor(), store->insert(fresh, std::nullopt),
                   [](std::exception_ptr, const result<insertion>&) {});
    context.poll_one();  // co_spawn begins
    context.poll_one();  // the insert runs until it is queued
  }

  const auto store = opened(directory.path());

  CHECK(kept(*store, fresh));
}
