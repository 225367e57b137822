#include "postgres_schema.hpp"

#include <music/core/ports.hpp>

#include <array>

namespace music::postgres {
namespace {

/// Step n brings a database from version n to n + 1. Steps are never changed once released; new ones are added. While an
/// instance of the last version still runs, a step may only add what that one does not need to know.
constexpr std::array migrations{R"sql(
  -- One row for each instance of the service. Its jobs are its own for as long as this says so: one row to renew every few
  -- seconds instead of one for each job.
  CREATE TABLE music_instances (
    id text COLLATE "C" PRIMARY KEY,
    lease_until timestamptz NOT NULL
  );

  -- The record holds the whole job; the other columns repeat what is searched for, or are about who works on it. Room is
  -- left in each page, so that a checkpoint, which changes no indexed column, stays in it.
  CREATE TABLE music_jobs (
    id text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    done boolean NOT NULL,
    version bigint NOT NULL,
    expires_at bigint,                     -- milliseconds since 1970, on the service's clock
    record text NOT NULL,
    holder text COLLATE "C",               -- the instance that works on it, or that ended it
    held_since timestamptz NOT NULL,
    epoch bigint NOT NULL,                 -- grows when the job changes hands
    crashes integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false
  ) WITH (fillfactor = 80);
  CREATE INDEX music_jobs_by_owner ON music_jobs (owner, id);
  CREATE INDEX music_jobs_unfinished ON music_jobs (id) WHERE NOT done;
  CREATE INDEX music_jobs_ended ON music_jobs (owner, status, id) WHERE done;
  CREATE INDEX music_jobs_expiring ON music_jobs (expires_at) WHERE done;

  -- The primary key decides between racing requests. A key whose job was erased is spent: it names nothing.
  CREATE TABLE music_keys (
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    job_id text COLLATE "C" REFERENCES music_jobs (id) ON DELETE SET NULL,
    created_at bigint NOT NULL,            -- milliseconds since 1970, on the service's clock
    PRIMARY KEY (scope, key)
  );
  CREATE INDEX music_keys_by_job ON music_keys (job_id);
  CREATE INDEX music_keys_spent ON music_keys (created_at) WHERE job_id IS NULL;

  -- Songs, in pieces. There is no reference to the job: a song is written before its job's row tells of it.
  CREATE TABLE music_audio (
    id text COLLATE "C" PRIMARY KEY,
    key text COLLATE "C" UNIQUE,           -- null while it is being written
    job_id text COLLATE "C" NOT NULL,
    uploader text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    piece_bytes integer NOT NULL,          -- all pieces but the last are this long
    size_bytes bigint
  );
  CREATE INDEX music_audio_by_job ON music_audio (job_id);
  CREATE INDEX music_audio_unfinished ON music_audio (uploader) WHERE key IS NULL;
  CREATE TABLE music_audio_pieces (
    audio_id text COLLATE "C" NOT NULL REFERENCES music_audio (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (audio_id, position)
  );
  ALTER TABLE music_audio_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;  -- audio does not compress

  -- What is to be told. The position is the order in which it was committed. Times are milliseconds since 1970.
  CREATE TABLE music_deliveries (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    job_id text COLLATE "C" NOT NULL REFERENCES music_jobs (id) ON DELETE CASCADE,
    owner text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    event text NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    last_status integer,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    ended_at bigint,
    held_until bigint NOT NULL DEFAULT 0,  -- by a sender that has taken it
    body text NOT NULL
  ) WITH (fillfactor = 80);
  CREATE INDEX music_deliveries_by_job ON music_deliveries (job_id, endpoint, position);
  CREATE INDEX music_deliveries_due ON music_deliveries (due_at, position) WHERE state = 'pending';
)sql",
                                R"sql(
  -- A key can name a batch of jobs: job_id is then null, and the key stays for as long as one of them is there.
  ALTER TABLE music_jobs ADD COLUMN batch_id text COLLATE "C";
  CREATE INDEX music_jobs_by_batch ON music_jobs (batch_id) WHERE batch_id IS NOT NULL;
  ALTER TABLE music_keys ADD COLUMN batch_id text COLLATE "C";
)sql"};
constexpr auto schema_version = static_cast<std::int64_t>(migrations.size());

/// The version that is there; 0 without tables. Whoever asks next waits until this transaction ends.
task<result<std::int64_t>> lock_version(connection& on, time_point until) {
  // waiting for another instance's migration is not a statement that hangs
  auto done = co_await on.script("BEGIN; SET LOCAL statement_timeout = '60s'; SELECT pg_advisory_xact_lock(7235498213)", until);
  if (!done) co_return done.error();
  parameters none;
  auto there = co_await on.execute("SELECT to_regclass('music_schema') IS NOT NULL", none, until);
  if (!there) co_return there.error();
  if (!there->truth(0, 0)) done = co_await on.script("CREATE TABLE music_schema (version bigint NOT NULL)", until);
  if (!done) co_return done.error();
  auto version = co_await on.execute("SELECT coalesce(max(version), 0) FROM music_schema", none, until);
  if (!version) co_return version.error();
  co_return version->number(0, 0);
}

std::string seconds(std::chrono::seconds span) { return '\'' + std::to_string(span.count()) + "s'"; }

}  // namespace

task<result<void>> migrate(connection& on, time_point until) {
  auto version = co_await lock_version(on, until);
  if (!version) co_return version.error();
  if (*version > schema_version) {
    co_return error{errc::store_unavailable, "PostgreSQL: the database was written by a later version of this program"};
  }
  std::string script;
  for (auto step = static_cast<std::size_t>(*version); step < migrations.size(); ++step) script += migrations[step];
  if (!script.empty()) {
    script += "DELETE FROM music_schema; INSERT INTO music_schema VALUES (" + std::to_string(schema_version) + ");";
  }
  script += "COMMIT";
  co_return co_await on.script(script, until);
}

std::string greeting(const std::string& holder) {
  return "INSERT INTO music_instances VALUES ('" + holder + "', now() + interval " + seconds(lease_duration) +
         ") ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until";
}

std::string upkeep() {
  return R"sql(
    DELETE FROM music_audio a WHERE key IS NULL AND (created_at < now() - interval '1 day'
      OR NOT EXISTS (SELECT FROM music_instances i WHERE i.id = a.uploader AND i.lease_until > now()));
    DELETE FROM music_instances WHERE lease_until < now() - interval '1 day';
  )sql";
}

}  // namespace music::postgres
