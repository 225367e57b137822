#include "sqlite_table.hpp"

#include "stored_time.hpp"

#include <music/store/job_record.hpp>

#include <filesystem>
#include <system_error>

namespace music::sqlite {
namespace {

/// 16 MiB of log before it is copied: long enough that a busy page is copied once for many changes, short enough to read
/// at start in a moment.
constexpr int long_log_pages = 4096;

/// On a disk that is nearly full the log is kept short: copying it into the database needs room, and a disk that a long log
/// has filled leaves none.
constexpr int short_log_pages = 64;
constexpr std::uintmax_t little_space = 64 * 1024 * 1024;

bool space_is_short(sqlite3* database) {
  std::error_code unknown;
  const auto space = std::filesystem::space(sqlite3_db_filename(database, "main"), unknown);
  return !unknown && space.available < little_space;
}

/// A constraint concerns one row. Everything else (disk, memory) concerns them all.
error judged(error failure, int code) {
  if ((code & 0xff) == SQLITE_CONSTRAINT) failure.code = errc::internal;
  return failure;
}

/// The query for a filter. Every index is named, because SQLite chooses without knowing how few jobs are unfinished.
/// Without API keys every job is nobody's, and the primary key has them in order already.
std::string select_text(const job_filter& filter) {
  const bool unfinished = filter.unfinished_only || (filter.status && !ended(*filter.status));
  std::string where;
  if (filter.batch) {
    where = "jobs INDEXED BY jobs_by_batch WHERE batch_id = ?6";
    if (filter.expired_before) where += " AND done = 1 AND expires_at < ?1";
    if (unfinished) where += " AND done = 0";
  } else if (filter.expired_before) {
    where = "jobs INDEXED BY jobs_expiring WHERE done = 1 AND expires_at < ?1";
    if (unfinished) where += " AND done = 0";
  } else if (unfinished) {
    where = "jobs INDEXED BY jobs_unfinished WHERE done = 0";
  } else if (filter.status && filter.owner) {
    where = "jobs INDEXED BY jobs_ended WHERE done = 1";
  } else if (filter.owner && !filter.owner->empty()) {
    where = "jobs INDEXED BY jobs_by_owner WHERE owner <> ''";
  } else {
    where = "jobs WHERE TRUE";
  }
  if (filter.owner) where += " AND owner = ?2";
  if (filter.status) where += " AND status = ?3";
  if (filter.older_than) where += " AND id < ?4";
  if (!filter.expired_before) return "SELECT record FROM " + where + " ORDER BY id DESC LIMIT ?5";
  // those that expired first, so that erasing them page by page never passes over one twice
  return "SELECT record FROM jobs WHERE id IN (SELECT id FROM " + where + " ORDER BY expires_at LIMIT ?5) ORDER BY id DESC";
}

int remember_log_pages(void* into, sqlite3*, const char*, int pages) {
  *static_cast<int*>(into) = pages;
  return SQLITE_OK;
}

}  // namespace

job_row make_row(const job& job) {
  job_row row{job.id,
              job.owner,
              job.batch,
              job.status,
              static_cast<std::int64_t>(job.version),
              milliseconds(job.created_at),
              milliseconds(job.deadline_at),
              std::nullopt,
              encode_job(job)};
  if (job.expires_at) row.expires_at = milliseconds(*job.expires_at);
  return row;
}

result<std::unique_ptr<job_table>> job_table::open(const sqlite_options& options, const std::string& holder, check how) {
  auto database = open_database(options, how);
  if (!database) return database.error();
  std::unique_ptr<job_table> table{new job_table{std::move(*database), holder}};
  auto ready = table->prepare();
  if (!ready) return ready.error();
  sqlite3_wal_hook(table->database_.get(), &remember_log_pages, &table->log_pages_);
  return table;
}

result<void> job_table::prepare() {
  const std::pair<statement*, const char*> all[]{
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&begin_batch_, "SAVEPOINT batch"},
      {&end_batch_, "RELEASE batch"},
      {&undo_batch_, "ROLLBACK TO batch"},
      {&insert_,
       "INSERT INTO jobs (id, owner, status, done, version, created_at, deadline_at, expires_at, record, holder, lease, batch_id)"
       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, nullif(?11, ''))"},
      {&update_,
       "UPDATE jobs SET owner = ?2, status = ?3, done = ?4, version = ?5, created_at = ?6, deadline_at = ?7,"
       " expires_at = ?8, record = ?9, crashes = 0 WHERE id = ?1 AND lease = ?10"},
      {&reopen_,
       "UPDATE jobs SET owner = ?2, status = ?3, done = ?4, version = ?5, created_at = ?6, deadline_at = ?7,"
       " expires_at = ?8, record = ?9, crashes = 0, lease = lease + 1, holder = ?10"
       " WHERE id = ?1 AND done = 1 AND version = ?11 RETURNING lease"},
      {&load_, "SELECT record FROM jobs WHERE id = ?1"},
      {&reopened_, "SELECT lease FROM jobs WHERE id = ?1 AND record = ?2 AND holder = ?3 AND done = 0"},
      {&erase_, "DELETE FROM jobs WHERE id = ?1 AND done = 1"},
      {&withdraw_, "DELETE FROM jobs WHERE id = ?1"},
      // The subquery decides which; the database's lock says that every other holder is dead.
      {&claim_,
       "UPDATE jobs SET crashes = crashes + (holder IS NOT NULL), lease = lease + 1, holder = ?1"
       " WHERE id IN (SELECT id FROM jobs INDEXED BY jobs_unfinished WHERE done = 0 AND holder IS NOT ?1 ORDER BY id LIMIT ?2)"
       " RETURNING record, lease, crashes"},
      {&release_, "UPDATE jobs SET holder = NULL WHERE done = 0 AND holder = ?1"},
      {&take_key_,
       "INSERT INTO idempotency (scope, key, job_id, fingerprint, created_at, batch_id)"
       " VALUES (?1, ?2, iif(?6 = '', ?3, ''), ?4, ?5, nullif(?6, ''))"
       " ON CONFLICT (scope, key) DO NOTHING"},
      {&give_key_back_, "DELETE FROM idempotency WHERE scope = ?1 AND key = ?2"},
      {&named_,
       "SELECT fingerprint, record, iif(EXISTS (SELECT 1 FROM jobs WHERE jobs.batch_id = idempotency.batch_id),"
       " idempotency.batch_id, '') FROM idempotency LEFT JOIN jobs ON jobs.id = job_id WHERE scope = ?1 AND key = ?2"},
      {&spend_key_, "UPDATE idempotency SET job_id = '' WHERE job_id = ?1"},
      {&withdraw_keys_,
       "DELETE FROM idempotency WHERE job_id = ?1 OR (job_id = '' AND batch_id = (SELECT batch_id FROM jobs WHERE id = ?1))"},
      {&forget_keys_,
       "DELETE FROM idempotency WHERE job_id = '' AND created_at <= ?1"
       " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.batch_id = idempotency.batch_id)"},
  };
  for (const auto& [into, text] : all) {
    auto made = database_.prepare(text);
    if (!made) return made.error();
    *into = std::move(*made);
  }
  return deliveries_.prepare(database_);
}

void job_table::roll_back() noexcept {
  // a failure may have ended the transaction already; rolling back itself cannot fail in a way that matters
  if (database_.in_transaction()) static_cast<void>(rollback_.run());
}

result<answer> job_table::insert(const job_row& row, const std::optional<idempotency>& key) {
  if (key) {
    auto earlier = find_earlier(row, *key);
    if (!earlier) return earlier.error();
    if (*earlier) return std::move(**earlier);
  }
  auto inserted = insert_row(row);
  if (inserted) return answer{};
  if (key && inserted.error().code != errc::store_unavailable) {
    auto undone = give_key_back_.bind(1, key->scope).bind(2, key->key).run();
    if (!undone) return undone.error();
  }
  return inserted.error();
}

/// Nothing: the key is this job's now, or its batch's. Else what it names already.
result<std::optional<answer>> job_table::find_earlier(const job_row& row, const idempotency& key) {
  auto taken = take_key(row, key);
  if (!taken) return taken.error();
  if (*taken) return std::optional<answer>{};
  auto named = named_by(key);
  if (named) return std::optional{std::move(*named)};
  if (named.error().code != errc::key_spent) return named.error();
  const auto renewed = take_spent_key(row, key);
  if (!renewed) return renewed.error();
  if (!*renewed) return named.error();
  return std::optional<answer>{};
}

/// True: the key is this job's now, or its batch's. False: it names another.
result<bool> job_table::take_key(const job_row& row, const idempotency& key) {
  take_key_.bind(1, key.scope).bind(2, key.key).bind(3, row.id.text()).bind(4, key.fingerprint).bind(5, row.created_at);
  take_key_.bind(6, row.batch.text());
  auto done = take_key_.run();
  if (!done) return judged(done.error(), take_key_.code());
  return database_.changes() == 1;
}

/// The same for a key whose job was erased: it can be had again once it is old enough.
result<bool> job_table::take_spent_key(const job_row& row, const idempotency& key) {
  auto forgotten = forget_keys(row.created_at);
  if (!forgotten) return forgotten.error();
  return take_key(row, key);
}

result<void> job_table::forget_keys(std::int64_t now) {
  return forget_keys_.bind(1, now - std::chrono::milliseconds{key_retention}.count()).run();
}

result<answer> job_table::named_by(const idempotency& key) {
  const resetting at_end{named_};
  const auto row = named_.bind(1, key.scope).bind(2, key.key).step();
  if (!row) return row.error();
  if (!*row) return error{errc::internal, "an idempotency key without its job"};
  if (named_.text(0) != key.fingerprint) return error{errc::key_reused};
  answer found{{named_.text(1)}, true, {}};
  if (const auto batch = batch_id::parse(named_.text(2))) found.batch = *batch;
  if (found.records.front().empty() && found.batch.empty()) return error{errc::key_spent};
  return found;
}

namespace {

void bind_row(statement& into, const job_row& row) {
  into.bind(1, row.id.text()).bind(2, row.owner).bind(3, name(row.status)).bind(4, std::int64_t{ended(row.status)});
  into.bind(5, row.version).bind(6, row.created_at).bind(7, row.deadline_at).bind(8, row.expires_at).bind(9, row.record);
}

}  // namespace

result<void> job_table::insert_row(const job_row& row) {
  bind_row(insert_, row);
  insert_.bind(10, holder_).bind(11, row.batch.text());
  auto done = insert_.run();
  if (!done) return judged(done.error(), insert_.code());
  return {};
}

result<answer> job_table::update(const job_row& row, lease_epoch lease, const std::vector<delivery>& told) {
  bind_row(update_, row);
  update_.bind(10, static_cast<std::int64_t>(lease));
  auto done = update_.run();
  if (!done) return judged(done.error(), update_.code());
  if (database_.changes() == 1) {
    done = deliveries_.insert(told);
    if (!done) return done.error();
    return answer{};
  }
  const auto there = load(row.id);
  return there ? error{errc::lease_lost} : there.error();
}

result<answer> job_table::reopen(const job_row& row, std::uint64_t seen_version) {
  const resetting at_end{reopen_};
  bind_row(reopen_, row);
  reopen_.bind(10, holder_).bind(11, static_cast<std::int64_t>(seen_version));
  const auto changed = reopen_.step();
  if (!changed) return judged(changed.error(), reopen_.code());
  const bool may_be_done = row.version > static_cast<std::int64_t>(seen_version);  // before, and its answer was lost
  if (!*changed) return may_be_done ? reopened(row) : overtaken(row.id);
  answer done;
  done.claims.push_back({static_cast<lease_epoch>(reopen_.number(0))});
  return done;
}

error job_table::overtaken(const job_id& id) {
  const auto there = load(id);
  return there ? error{errc::conflict} : there.error();
}

result<answer> job_table::reopened(const job_row& row) {
  const resetting at_end{reopened_};
  const auto mine = reopened_.bind(1, row.id.text()).bind(2, row.record).bind(3, holder_).step();
  if (!mine) return mine.error();
  if (!*mine) return overtaken(row.id);
  answer found;
  found.claims.push_back({static_cast<lease_epoch>(reopened_.number(0))});
  return found;
}

result<answer> job_table::claim(std::size_t limit) {
  const resetting at_end{claim_};
  claim_.bind(1, holder_).bind(2, static_cast<std::int64_t>(limit));
  answer claimed;
  auto more = claim_.step();
  for (; more && *more; more = claim_.step()) {
    claimed.records.push_back(claim_.text(0));
    claimed.claims.push_back({static_cast<lease_epoch>(claim_.number(1)), static_cast<int>(claim_.number(2))});
  }
  if (!more) return more.error();
  return claimed;
}

result<answer> job_table::release() {
  auto done = release_.bind(1, holder_).run();
  if (!done) return done.error();
  return answer{};
}

result<answer> job_table::load(const job_id& id) {
  const resetting at_end{load_};
  const auto row = load_.bind(1, id.text()).step();
  if (!row) return row.error();
  if (!*row) return error{errc::not_found};
  answer found;
  found.records.push_back(load_.text(0));
  return found;
}

result<answer> job_table::select(const job_filter& filter) {
  auto query = prepared(select_text(filter));
  if (!query) return query.error();
  auto& rows = **query;
  const resetting at_end{rows};
  if (filter.expired_before) rows.bind(1, milliseconds(*filter.expired_before));
  if (filter.owner) rows.bind(2, *filter.owner);
  if (filter.status) rows.bind(3, name(*filter.status));
  if (filter.older_than) rows.bind(4, filter.older_than->text());
  rows.bind(5, static_cast<std::int64_t>(filter.limit));
  if (filter.batch) rows.bind(6, filter.batch->text());
  answer found;
  auto more = rows.step();
  for (; more && *more; more = rows.step()) found.records.push_back(rows.text(0));
  if (!more) return more.error();
  return found;
}

result<statement*> job_table::prepared(const std::string& text) {
  const auto known = selects_.find(text);
  if (known != selects_.end()) return &known->second;
  auto made = database_.prepare(text);
  if (!made) return made.error();
  return &selects_.emplace(text, std::move(*made)).first->second;
}

result<answer> job_table::erase(const job_id& id, std::int64_t now) {
  auto done = erase_.bind(1, id.text()).run();
  if (done && database_.changes() == 0) {
    auto why = overtaken(id);
    if (why.code != errc::not_found) return why;
  }
  if (done) done = spend_key_.bind(1, id.text()).run();
  if (done) done = forget_keys(now);
  if (!done) return done.error();
  return answer{};
}

result<void> job_table::withdraw(const std::vector<job_id>& refused) {
  if (refused.empty()) return {};
  auto state = begin();
  for (auto at = refused.begin(); state && at != refused.end(); ++at) {
    state = withdraw_keys_.bind(1, at->text()).run();
    if (state) state = withdraw_.bind(1, at->text()).run();
  }
  if (state) state = commit();
  return state;
}

result<void> job_table::shorten_log() {
  if (log_pages_ < short_log_pages) return {};
  if (log_pages_ < long_log_pages && !space_is_short(database_.get())) return {};
  log_pages_ = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(database_.get(), "checkpoint");
  return {};
}

result<void> job_table::empty_log() {
  log_pages_ = 0;
  return sqlite::empty_log(database_);
}

}  // namespace music::sqlite
