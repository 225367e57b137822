#include "postgres_table.hpp"

namespace music::postgres {
namespace {

/// $1 to $4 are the ids, the records, the owner and the batch, $5 is the holder. Fresh jobs are alike in all else.
constexpr const char* insert_batch_statement = R"sql(
  INSERT INTO music_jobs (id, owner, status, done, version, record, holder, held_since, epoch, batch_id)
  SELECT fresh.id, $3::text, 'queued', false, 1, fresh.record, $5::text, now(), 1, $4::text
  FROM unnest($1::text[], $2::text[]) fresh (id, record))sql";

/// As for one job: a key that names a batch of which something is left takes away what would be inserted.
constexpr const char* insert_batch_with_key_statement = R"sql(
  WITH taken AS (
    INSERT INTO music_keys AS known (scope, key, fingerprint, batch_id, created_at) VALUES ($6, $7, $8, $4, $9)
    ON CONFLICT (scope, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, batch_id = excluded.batch_id, created_at = excluded.created_at
      WHERE known.job_id IS NULL AND known.created_at <= $10
        AND NOT EXISTS (SELECT FROM music_jobs job WHERE job.batch_id = known.batch_id)
    RETURNING 1)
  INSERT INTO music_jobs (id, owner, status, done, version, record, holder, held_since, epoch, batch_id)
  SELECT fresh.id, $3::text, 'queued', false, 1, fresh.record, $5::text, now(), 1, $4::text
  FROM taken, unnest($1::text[], $2::text[]) fresh (id, record))sql";

}  // namespace

task<result<insert_jobs::answer>> insert_jobs::run(connection& on, time_point until) const {
  auto inserted = co_await insert(on, until);
  if (!inserted && inserted.error().code == errc::conflict) co_return co_await settle(on, until);
  if (!inserted) co_return inserted.error();
  if (inserted->affected() == jobs.size()) co_return answer{};
  co_return co_await named_by_key(on, until);
}

task<result<rows>> insert_jobs::insert(connection& on, time_point until) const {
  std::vector<std::string> ids;
  std::vector<std::string> records;
  for (const auto& job : jobs) {
    ids.push_back(job.id.text());
    records.push_back(job.record);
  }
  parameters values;
  values.array(ids).array(records).text(jobs.front().owner).text(batch.text()).text(me);
  if (!key) co_return co_await on.execute(insert_batch_statement, std::move(values), until);
  const auto now = jobs.front().created_at;
  const auto spent_before = now - std::chrono::milliseconds{key_retention}.count();
  values.text(key->scope).text(key->key).text(key->fingerprint).number(now).number(spent_before);
  co_return co_await on.execute(insert_batch_with_key_statement, std::move(values), until);
}

task<result<insert_jobs::answer>> insert_jobs::named_by_key(connection& on, time_point until) const {
  parameters name;
  name.text(key->scope).text(key->key);
  auto found = co_await on.execute(
      "SELECT fingerprint, batch_id, EXISTS (SELECT FROM music_jobs job WHERE job.batch_id = named.batch_id)"
      " FROM music_keys named WHERE scope = $1 AND key = $2",
      std::move(name), until);
  if (!found) co_return found.error();
  if (found->empty()) co_return key_vanished();
  if (found->text(0, 0) != key->fingerprint) co_return error{errc::key_reused};
  const auto earlier = batch_id::parse(found->text(0, 1));
  if (!earlier || !found->truth(0, 2)) co_return error{errc::key_spent};
  if (*earlier == batch) co_return answer{};  // by an earlier attempt
  co_return answer{*earlier};
}

/// An id is there: by an earlier attempt, which brought all of them, or it is another's.
task<result<insert_jobs::answer>> insert_jobs::settle(connection& on, time_point until) const {
  const error taken{errc::internal, "PostgreSQL: an id is taken"};
  if (!again) co_return taken;
  parameters values;
  values.text(batch.text());
  auto mine = co_await on.execute("SELECT count(*) FROM music_jobs WHERE batch_id = $1", std::move(values), until);
  if (!mine) co_return mine.error();
  if (mine->number(0, 0) != static_cast<std::int64_t>(jobs.size())) co_return taken;
  co_return answer{};
}

}  // namespace music::postgres
