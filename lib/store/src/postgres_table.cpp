#include "postgres_table.hpp"

#include "postgres_outbox.hpp"
#include "stored_time.hpp"

#include <music/store/job_record.hpp>

namespace music::postgres {
namespace {

parameters& bind(parameters& into, const job_row& row) {
  into.text(row.id.text()).text(row.owner).text(std::string{name(row.status)}).truth(ended(row.status));
  return into.number(row.version).number(row.expires_at).text(row.record);
}

// $1 to $7 are the row in each of these, in the order of `bind`.

constexpr const char* insert_statement =
    "INSERT INTO music_jobs (id, owner, status, done, version, expires_at, record, holder, held_since, epoch)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), 1)";

/// A key that is known takes away what would be inserted, unless it was spent long enough ago. Racing requests wait here
/// until the first has ended.
constexpr const char* insert_with_key_statement = R"sql(
  WITH taken AS (
    INSERT INTO music_keys AS known (scope, key, fingerprint, job_id, created_at) VALUES ($9, $10, $11, $1, $12)
    ON CONFLICT (scope, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, job_id = excluded.job_id, created_at = excluded.created_at
      WHERE known.job_id IS NULL AND known.created_at <= $13
    RETURNING 1)
  INSERT INTO music_jobs (id, owner, status, done, version, expires_at, record, holder, held_since, epoch)
  SELECT $1::text, $2::text, $3::text, $4::boolean, $5::bigint, $6::bigint, $7::text, $8::text, now(), 1 FROM taken)sql";

/// Two changes of one job may be under way on two connections; the version keeps the later one. An ended job stays as it is.
const std::string update_statement = R"sql(
  UPDATE music_jobs
  SET owner = $2, status = $3, done = $4, version = $5, expires_at = $6, record = $7, crashes = 0
  WHERE id = $1 AND epoch = $8 AND version <= $5 AND (NOT done OR record = $7))sql";

/// The same with what it tells, which goes into the outbox if the job is changed.
const std::string update_and_tell_statement =
    "WITH changed AS (" + update_statement + " RETURNING id), told AS (" + told_insert + ") SELECT id FROM changed";

constexpr const char* reopen_statement = R"sql(
  UPDATE music_jobs
  SET owner = $2, status = $3, done = $4, version = $5, expires_at = $6, record = $7, crashes = 0, cancel_requested = false,
      holder = $8, held_since = now(), epoch = epoch + 1
  WHERE id = $1 AND done AND version = $9
  RETURNING epoch)sql";

/// An instance that is not in the table has been gone for a day. What this instance holds it never claims: it works on it.
///
/// A job that was interrupted between placing its songs and naming them begins to fetch anew: what lies there is nobody's, and
/// goes while nobody else can have placed anything since. A song that came with the answer to its submission is named already.
constexpr const char* claim_statement = R"sql(
  WITH due AS (
    SELECT id FROM music_jobs job
    WHERE NOT done AND (holder IS NULL OR (holder <> $1 AND NOT EXISTS (
      SELECT FROM music_instances other WHERE other.id = job.holder AND other.lease_until > now())))
    ORDER BY id LIMIT $2
    FOR UPDATE OF job SKIP LOCKED),
  taken AS (
    UPDATE music_jobs job
    SET crashes = crashes + (holder IS NOT NULL)::integer, holder = $1, held_since = now(), epoch = epoch + 1
    FROM due WHERE job.id = due.id
    RETURNING job.id, job.record, job.epoch, job.crashes, job.cancel_requested),
  unnamed AS (
    DELETE FROM music_audio song USING taken
    WHERE song.job_id = taken.id AND strpos(taken.record, '"stage":"fetching"') > 0
      AND song.key IS NOT NULL AND strpos(taken.record, song.key) = 0)
  SELECT record, epoch, crashes, cancel_requested FROM taken)sql";

/// Renews, asks about the jobs in $2, and lets go of those that nobody here knows of: what was inserted or claimed, and the
/// answer never arrived.
constexpr const char* renew_statement = R"sql(
  WITH alive AS (
    INSERT INTO music_instances VALUES ($1, now() + make_interval(secs => $3))
    ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until),
  strays AS (
    UPDATE music_jobs SET holder = NULL
    WHERE NOT done AND holder = $1 AND held_since < now() - make_interval(secs => $3) AND id <> ALL ($2::text[]))
  SELECT held.id, job.id IS NULL OR job.holder IS DISTINCT FROM $1
  FROM unnest($2::text[]) held (id) LEFT JOIN music_jobs job ON job.id = held.id
  WHERE job.id IS NULL OR job.holder IS DISTINCT FROM $1 OR (job.cancel_requested AND NOT job.done))sql";

constexpr const char* release_statement = R"sql(
  WITH freed AS (UPDATE music_jobs SET holder = NULL WHERE NOT done AND holder = $1 RETURNING 1)
  SELECT pg_notify('music_jobs', '') WHERE EXISTS (SELECT FROM freed))sql";

constexpr const char* cancel_statement = R"sql(
  WITH asked AS (UPDATE music_jobs SET cancel_requested = true WHERE id = $1 AND NOT done RETURNING 1)
  SELECT pg_notify('music_jobs', '') FROM asked)sql";

/// What the job's key names stays behind without it; keys that are old enough go, those of a batch with its last job. Tells
/// whether the job is there and has not ended, or runs again since this statement began.
constexpr const char* erase_statement = R"sql(
  WITH gone AS (DELETE FROM music_jobs WHERE id = $1 AND done RETURNING id),
       forgotten AS (
         DELETE FROM music_keys named WHERE created_at <= $2 AND (job_id IS NULL OR job_id IN (SELECT id FROM gone))
           AND NOT EXISTS (SELECT FROM music_jobs other WHERE other.batch_id = named.batch_id
                           AND other.id NOT IN (SELECT id FROM gone))),
       songs AS (DELETE FROM music_audio WHERE job_id IN (SELECT id FROM gone))
  SELECT EXISTS (SELECT FROM music_jobs WHERE id = $1) AND NOT EXISTS (SELECT FROM gone))sql";

/// The query for a filter, and its values.
std::pair<std::string, parameters> select_statement(const job_filter& filter) {
  std::string where = "TRUE";
  parameters values;
  int count = 0;
  const auto next = [&] { return " $" + std::to_string(++count); };
  const bool unfinished = filter.unfinished_only || (filter.status && !ended(*filter.status));
  const bool done = filter.expired_before || (filter.status && ended(*filter.status));
  if (unfinished) where += " AND NOT done";
  if (done) where += " AND done";
  if (filter.owner) {
    where += " AND owner =" + next();
    values.text(*filter.owner);
  }
  if (filter.status) {
    where += " AND status =" + next();
    values.text(std::string{name(*filter.status)});
  }
  if (filter.batch) {
    where += " AND batch_id =" + next();
    values.text(filter.batch->text());
  }
  if (filter.expired_before) {
    where += " AND expires_at <" + next();
    values.number(milliseconds(*filter.expired_before));
  }
  if (filter.older_than) {
    where += " AND id <" + next();
    values.text(filter.older_than->text());
  }
  const auto limit = " LIMIT" + next();
  values.number(static_cast<std::int64_t>(filter.limit));
  if (!filter.expired_before)
    return {"SELECT record FROM music_jobs WHERE " + where + " ORDER BY id DESC" + limit, std::move(values)};
  // those that expired first, so that erasing them page by page never passes over one twice
  return {"SELECT record FROM (SELECT id, record FROM music_jobs WHERE " + where + " ORDER BY expires_at, id" + limit +
              ") page ORDER BY id DESC",
          std::move(values)};
}

}  // namespace

error key_vanished() {
  error vanished{errc::store_unavailable, "PostgreSQL: an idempotency key came and went"};
  vanished.transient = true;
  return vanished;
}

task<result<nothing>> carry_out(connection& on, std::string_view statement, parameters with, time_point until) {
  auto done = co_await on.execute(statement, std::move(with), until);
  if (!done) co_return done.error();
  co_return nothing{};
}

job_row make_row(const job& job) {
  job_row row{job.id,       job.owner,      job.status, static_cast<std::int64_t>(job.version), milliseconds(job.created_at),
              std::nullopt, encode_job(job)};
  if (job.expires_at) row.expires_at = milliseconds(*job.expires_at);
  return row;
}

// --- inserting --------------------------------------------------------------------------------------------------------

task<result<insert_job::answer>> insert_job::run(connection& on, time_point until) const {
  auto inserted = co_await insert(on, until);
  if (!inserted && inserted.error().code == errc::conflict) co_return co_await settle(on, until);
  if (!inserted) co_return inserted.error();
  if (inserted->affected() == 1) co_return answer{1, {}};
  co_return co_await named_by_key(on, until);
}

task<result<rows>> insert_job::insert(connection& on, time_point until) const {
  parameters values;
  bind(values, row).text(me);
  if (!key) co_return co_await on.execute(insert_statement, std::move(values), until);
  const auto spent_before = row.created_at - std::chrono::milliseconds{key_retention}.count();
  values.text(key->scope).text(key->key).text(key->fingerprint).number(row.created_at).number(spent_before);
  co_return co_await on.execute(insert_with_key_statement, std::move(values), until);
}

task<result<insert_job::answer>> insert_job::named_by_key(connection& on, time_point until) const {
  parameters name;
  name.text(key->scope).text(key->key);
  auto found = co_await on.execute(
      "SELECT named.fingerprint, job.id, job.record FROM music_keys named LEFT JOIN music_jobs job ON job.id = named.job_id"
      " WHERE named.scope = $1 AND named.key = $2",
      std::move(name), until);
  if (!found) co_return found.error();
  if (found->empty()) co_return key_vanished();
  if (found->text(0, 0) != key->fingerprint) co_return error{errc::key_reused};
  if (found->null(0, 1)) co_return error{errc::key_spent};
  if (found->text(0, 1) == row.id.text()) co_return answer{1, {}};  // by an earlier attempt
  co_return answer{0, found->text(0, 2)};
}

/// The id is there: by an earlier attempt, or it is another's.
task<result<insert_job::answer>> insert_job::settle(connection& on, time_point until) const {
  const error taken{errc::internal, "PostgreSQL: the id is taken"};
  if (!again) co_return taken;
  parameters values;
  values.text(row.id.text()).text(row.record);
  auto mine = co_await on.execute("SELECT epoch FROM music_jobs WHERE id = $1 AND record = $2", std::move(values), until);
  if (!mine) co_return mine.error();
  if (mine->empty()) co_return taken;
  co_return answer{static_cast<lease_epoch>(mine->number(0, 0)), {}};
}

// --- changing ---------------------------------------------------------------------------------------------------------

task<result<nothing>> update_job::run(connection& on, time_point until) const {
  parameters values;
  bind(values, row).number(static_cast<std::int64_t>(lease));
  if (!told.empty()) bind(values, told);
  const auto& statement = told.empty() ? update_statement : update_and_tell_statement;
  auto done = co_await on.execute(statement, std::move(values), until);
  if (!done) co_return done.error();
  if (done->affected() == 1) co_return nothing{};
  parameters id;
  id.text(row.id.text());
  auto there = co_await on.execute("SELECT epoch, version FROM music_jobs WHERE id = $1", std::move(id), until);
  if (!there) co_return there.error();
  if (there->empty()) co_return error{errc::not_found};
  const bool overtaken = there->number(0, 0) == static_cast<std::int64_t>(lease) && there->number(0, 1) > row.version;
  if (overtaken) co_return nothing{};  // by a later change of the same holder, which has all of this one
  co_return error{errc::lease_lost};
}

task<result<lease_epoch>> reopen_job::run(connection& on, time_point until) const {
  parameters values;
  bind(values, row).text(me).number(static_cast<std::int64_t>(seen_version));
  auto done = co_await on.execute(reopen_statement, std::move(values), until);
  if (!done) co_return done.error();
  if (!done->empty()) co_return static_cast<lease_epoch>(done->number(0, 0));
  parameters mine;
  mine.text(row.id.text()).text(row.record).text(me);
  auto there =
      co_await on.execute("SELECT epoch, record = $2 AND holder = $3 FROM music_jobs WHERE id = $1", std::move(mine), until);
  if (!there) co_return there.error();
  if (there->empty()) co_return error{errc::not_found};
  const bool done_before =
      row.version > static_cast<std::int64_t>(seen_version) && there->truth(0, 1);  // and its answer was lost
  if (!done_before) co_return error{errc::conflict};
  co_return static_cast<lease_epoch>(there->number(0, 0));
}

task<result<nothing>> erase_job::run(connection& on, time_point until) const {
  parameters values;
  values.text(id.text()).number(now - std::chrono::milliseconds{key_retention}.count());
  auto found = co_await on.execute(erase_statement, std::move(values), until);
  if (!found) co_return found.error();
  if (found->truth(0, 0)) co_return error{errc::conflict};
  co_return nothing{};
}

task<result<nothing>> ask_to_cancel::run(connection& on, time_point until) const {
  parameters values;
  values.text(id.text());
  co_return co_await carry_out(on, cancel_statement, std::move(values), until);
}

// --- reading ----------------------------------------------------------------------------------------------------------

task<result<std::string>> load_job::run(connection& on, time_point until) const {
  parameters values;
  values.text(id.text());
  auto found = co_await on.execute("SELECT record FROM music_jobs WHERE id = $1", std::move(values), until);
  if (!found) co_return found.error();
  if (found->empty()) co_return error{errc::not_found};
  co_return found->text(0, 0);
}

task<result<std::vector<std::string>>> select_jobs::run(connection& on, time_point until) const {
  auto [statement, values] = select_statement(filter);
  auto found = co_await on.execute(statement, std::move(values), until);
  if (!found) co_return found.error();
  std::vector<std::string> records;
  records.reserve(found->size());
  for (std::size_t i = 0; i < found->size(); ++i) records.push_back(found->text(i, 0));
  co_return records;
}

// --- leases -----------------------------------------------------------------------------------------------------------

task<result<claim_jobs::answer>> claim_jobs::run(connection& on, time_point until) const {
  parameters values;
  values.text(me).number(static_cast<std::int64_t>(limit));
  auto found = co_await on.execute(claim_statement, std::move(values), until);
  if (!found) co_return found.error();
  answer taken;
  for (std::size_t i = 0; i < found->size(); ++i) {
    taken.push_back({found->text(i, 0), static_cast<lease_epoch>(found->number(i, 1)), static_cast<int>(found->number(i, 2)),
                     found->truth(i, 3)});
  }
  co_return taken;
}

task<result<renewal>> renew_jobs::run(connection& on, time_point until) const {
  std::vector<std::string> ids;
  ids.reserve(held.size());
  for (const auto& id : held) ids.push_back(id.text());
  parameters values;
  values.text(me).array(ids).number(std::int64_t{lease_duration.count()});
  auto found = co_await on.execute(renew_statement, std::move(values), until);
  if (!found) co_return found.error();
  renewal news;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto id = job_id::parse(found->text(i, 0));
    if (!id) co_return error{errc::internal, "PostgreSQL: not an id of ours"};
    (found->truth(i, 1) ? news.lost : news.cancel_requested).push_back(*id);
  }
  co_return news;
}

task<result<nothing>> release_jobs::run(connection& on, time_point until) const {
  parameters values;
  values.text(me);
  co_return co_await carry_out(on, release_statement, std::move(values), until);
}

}  // namespace music::postgres
