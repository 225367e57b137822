#include "sqlite_database.hpp"

#include "posix_file.hpp"

#include <music/base/time.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <array>
#include <cerrno>
#include <chrono>

namespace music::sqlite {
namespace {

constexpr std::int64_t application_id = 0x6f636d73;  // "ocms": marks the file as ours (offset 68 of its header)

/// Step n brings a database from user_version n to n + 1. Steps are never changed once released; new ones are added.
constexpr std::array migrations{R"sql(
  -- The record holds the whole job; the other columns repeat what is searched for. Indexes are partial where they can be,
  -- so that an insert touches few trees and a checkpoint of a running job only the table. A table with rowids, because an
  -- ended job's record would not fit into a page of one without.
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    done INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    expires_at INTEGER,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX jobs_by_owner ON jobs (owner, id) WHERE owner <> '';
  CREATE INDEX jobs_unfinished ON jobs (id) WHERE done = 0;
  CREATE INDEX jobs_ended ON jobs (owner, status, id) WHERE done = 1;
  CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE done = 1;

  -- The primary key is what decides between racing requests. The job is inserted after its key, hence "deferred".
  CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_job ON idempotency (job_id);
)sql",
                                R"sql(
  -- Who works on a job: `holder` is the process, `lease` the epoch that its writes must know, `crashes` how often in a row
  -- a holder ended without letting go.
  ALTER TABLE jobs ADD COLUMN holder TEXT;
  ALTER TABLE jobs ADD COLUMN lease INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;

  -- A key outlives its job until it is a day old: job_id is then empty.
  CREATE TABLE keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    job_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO keys SELECT scope, key, job_id, fingerprint, created_at FROM idempotency;
  DROP TABLE idempotency;
  ALTER TABLE keys RENAME TO idempotency;
  CREATE INDEX idempotency_by_job ON idempotency (job_id, created_at);
)sql",
                                R"sql(
  -- What is to be told. The position is the order in which it was committed; the body comes last, so that a row that is
  -- passed over costs no overflow page.
  CREATE TABLE deliveries (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    version INTEGER NOT NULL,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_status INTEGER,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_by_job ON deliveries (job_id, endpoint, position);
  CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending';
)sql",
                                R"sql(
  -- A key can name a batch of jobs: job_id is then empty, and the key stays for as long as one of them is there.
  ALTER TABLE jobs ADD COLUMN batch_id TEXT;
  CREATE INDEX jobs_by_batch ON jobs (batch_id) WHERE batch_id IS NOT NULL;
  ALTER TABLE idempotency ADD COLUMN batch_id TEXT;
)sql"};
constexpr auto schema_version = static_cast<std::int64_t>(migrations.size());

error refused(const std::filesystem::path& file, std::string_view why) {
  return {errc::store_unavailable, file.string() + ": " + std::string{why}};
}

/// Only somebody who looks at the file can tell more, so it is not ours to write to any more.
error damaged(const std::filesystem::path& file, std::string_view found_by) {
  return {errc::internal, file.string() + ": the database is damaged (" + std::string{found_by} + ")"};
}

/// SQLite would make the file with the process's umask; ours is private from its first byte. An empty file is a new
/// database to SQLite.
result<void> make_file(const std::filesystem::path& directory, const std::filesystem::path& file) {
  const auto parent = posix::open_private_directory(directory);
  if (!parent) return parent.error();
  constexpr mode_t private_file = S_IRUSR | S_IWUSR;
  const posix::descriptor made{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, private_file)};
  if (!made) return posix::failed("open " + file.string(), errno);
  if (fchmod(made.get(), private_file) != 0) return posix::failed("chmod 0600 " + file.string(), errno);
  return posix::sync(*parent, directory.string());
}

/// What must hold before the first byte is read. A file that is refused must not be touched by closing it either.
result<void> harden(connection& database) {
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // exclusive before WAL: the lock stays with this connection and the log's index in its memory, so there is no -shm file
  return database.execute("PRAGMA locking_mode = EXCLUSIVE");
}

/// Taking the lock is the first thing that reads the file, so it finds out what the file is.
result<void> take_lock(connection& database, const std::filesystem::path& file) {
  if (database.execute("BEGIN EXCLUSIVE; COMMIT")) return {};
  switch (database.code() & 0xff) {
    case SQLITE_BUSY: return refused(file, "another process uses this database");
    case SQLITE_NOTADB: return refused(file, "this is not an SQLite database; it was left as it is");
    case SQLITE_CORRUPT: return damaged(file, "on opening");
    default: return failed(database.get(), "lock " + file.string());
  }
}

/// The version of the schema; 0 for a new database, which may have its header already if making it was cut short.
result<std::int64_t> recognise(connection& database, const std::filesystem::path& file) {
  const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  const auto owner = database.number("PRAGMA application_id");
  if (!owner) return owner.error();
  const auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  const bool fresh = *owner == 0 && *version == 0 && *tables == 0;
  if (!fresh && *owner != application_id) return refused(file, "the database is another program's; it was left as it is");
  if (*version > schema_version) return refused(file, "the database was written by a later version of this program");
  return *version;
}

result<void> verify(connection& database, const std::filesystem::path& file) {
  const auto verdict = database.text("PRAGMA quick_check(1)");
  if (verdict && *verdict == "ok") return {};
  return damaged(file, "quick_check");
}

/// One transaction, so that a crash leaves either schema whole.
result<void> migrate(connection& database, std::int64_t from) {
  if (from == schema_version) return {};
  std::string script = "BEGIN IMMEDIATE;";
  for (auto step = static_cast<std::size_t>(from); step < migrations.size(); ++step) script += migrations[step];
  script += "PRAGMA application_id = " + std::to_string(application_id) + ";";
  script += "PRAGMA user_version = " + std::to_string(schema_version) + "; COMMIT";
  return database.execute(script.c_str());
}

result<void> configure(connection& database) {
  return database.execute(
      "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
      "PRAGMA cache_size = -32768");
}

/// The writer thread runs checkpoints itself, after it has answered those who wait: hence no automatic ones.
result<void> start_log(connection& database, const std::filesystem::path& file) {
  const auto mode = database.text("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") return refused(file, "the file system does not support a write-ahead log");
  return database.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
}

}  // namespace

result<connection> open_database(const sqlite_options& options, check how) {
  const auto file = options.directory / "jobs.db";
  auto done = make_file(options.directory, file);
  if (!done) return done.error();
  auto database = connection::open(file.string(), options.lock_timeout);
  if (!database) return database.error();
  done = harden(*database);
  if (done) done = take_lock(*database, file);
  if (!done) return done.error();
  const auto version = recognise(*database, file);
  if (!version) return version.error();
  if (how == check::whole) done = verify(*database, file);
  if (done) done = configure(*database);
  if (done) done = start_log(*database, file);
  if (done) done = migrate(*database, *version);
  if (done) done = empty_log(*database);
  if (!done) return done.error();
  return database;
}

result<std::filesystem::path> set_aside(const std::filesystem::path& directory) {
  const auto file = directory / "jobs.db";
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  auto aside = directory / ("jobs.db.damaged-" + to_rfc3339(now));
  std::error_code failed_to;
  // The log first: a main file without its log would look whole, and older.
  const auto log = file.string() + "-wal";
  if (std::filesystem::exists(log)) std::filesystem::rename(log, aside.string() + "-wal", failed_to);
  if (!failed_to) std::filesystem::rename(file, aside, failed_to);
  if (failed_to) return refused(file, "the database is damaged and cannot be renamed: " + failed_to.message());
  const auto parent = posix::open_private_directory(directory);
  if (!parent) return parent.error();
  const auto synced = posix::sync(*parent, directory.string());
  if (!synced) return synced.error();
  return aside;
}

result<void> empty_log(connection& database) {
  const int code = sqlite3_wal_checkpoint_v2(database.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(database.get(), "checkpoint");
  return {};
}

}  // namespace music::sqlite
