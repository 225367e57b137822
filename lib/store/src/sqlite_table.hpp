#pragma once

/// What can be done to the tables, one plain call each.

#include "sqlite_connection.hpp"
#include "sqlite_database.hpp"
#include "sqlite_delivery_table.hpp"

#include <music/core/ports.hpp>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace music::sqlite {

/// A job as it is stored. Made on the caller's shard, so that the writer thread has no text to write.
struct job_row {
  job_id id;
  std::string owner;
  batch_id batch;  ///< empty for a job on its own
  job_status status;
  std::int64_t version = 0;
  std::int64_t created_at = 0;  ///< times are milliseconds since 1970
  std::int64_t deadline_at = 0;
  std::optional<std::int64_t> expires_at;
  std::string record;
};

[[nodiscard]] job_row make_row(const job& job);

/// What a claim says of a job beside its record.
struct claim {
  lease_epoch lease = 0;
  int crashes = 0;
};

/// What a statement gave: records of jobs, to be decoded on the caller's shard.
struct answer {
  std::vector<std::string> records;
  bool replayed = false;      ///< `records` holds the job, or `batch` the batch, that the idempotency key already names
  std::vector<claim> claims;  ///< one for each record, of `claim` and `reopen`
  std::vector<delivery> deliveries{};
  batch_id batch{};
};

/// The open database with its prepared statements. Belongs to the writer thread. An error with `store_unavailable` leaves
/// the transaction unusable: it must be rolled back. Any other error concerns that one call and changes nothing.
class job_table {
 public:
  /// `holder` names this process among those that had the database before it.
  [[nodiscard]] static result<std::unique_ptr<job_table>> open(const sqlite_options& options, const std::string& holder,
                                                               check how);

  [[nodiscard]] result<void> begin() { return begin_.run(); }

  /// After a failure the outcome is unknown, unless `rejected_whole` says otherwise.
  [[nodiscard]] result<void> commit() { return commit_.run(); }

  /// The log could not be written because the disk is full: nothing of the transaction is in it.
  [[nodiscard]] bool rejected_whole() const noexcept { return (commit_.code() & 0xff) == SQLITE_FULL; }

  void roll_back() noexcept;

  [[nodiscard]] result<answer> insert(const job_row& row, const std::optional<idempotency>& key);

  /// All of them or none, whatever becomes of the transaction.
  [[nodiscard]] result<answer> insert_batch(const std::vector<job_row>& rows, const std::optional<idempotency>& key);
  [[nodiscard]] result<answer> update(const job_row& row, lease_epoch lease, const std::vector<delivery>& told);
  [[nodiscard]] result<answer> reopen(const job_row& row, std::uint64_t seen_version);

  /// What `reopen` of this row gave, if it has happened. Error: `conflict`, `not_found`.
  [[nodiscard]] result<answer> reopened(const job_row& row);
  [[nodiscard]] result<answer> load(const job_id& id);
  [[nodiscard]] result<answer> select(const job_filter& filter);
  [[nodiscard]] result<answer> erase(const job_id& id, std::int64_t now);

  /// A transaction of its own: erases these jobs, their keys and those of their batches without a trace, for insertions that
  /// were refused although they may have become durable.
  [[nodiscard]] result<void> withdraw(const std::vector<job_id>& refused);
  [[nodiscard]] result<answer> claim(std::size_t limit);
  [[nodiscard]] result<answer> release();

  [[nodiscard]] delivery_table& deliveries() noexcept { return deliveries_; }

  /// Copies a log that has grown long into the main file; does nothing for a short one.
  [[nodiscard]] result<void> shorten_log();

  /// Leaves nothing in the log, so that what was erased is nowhere any more.
  [[nodiscard]] result<void> empty_log();

 private:
  job_table(connection database, std::string holder) : database_(std::move(database)), holder_(std::move(holder)) {}
  [[nodiscard]] result<void> prepare();
  [[nodiscard]] result<std::optional<answer>> find_earlier(const job_row& row, const idempotency& key);
  [[nodiscard]] result<bool> take_key(const job_row& row, const idempotency& key);
  [[nodiscard]] result<bool> take_spent_key(const job_row& row, const idempotency& key);
  [[nodiscard]] result<void> forget_keys(std::int64_t now);
  [[nodiscard]] result<answer> named_by(const idempotency& key);
  [[nodiscard]] result<answer> insert_all(const std::vector<job_row>& rows, const std::optional<idempotency>& key);
  /// Why a row that must be as it was seen is not.
  [[nodiscard]] error overtaken(const job_id& id);
  [[nodiscard]] result<void> insert_row(const job_row& row);
  [[nodiscard]] result<statement*> prepared(const std::string& text);

  connection database_;
  std::string holder_;
  int log_pages_ = 0;  ///< as of the last commit
  statement begin_, commit_, rollback_, begin_batch_, end_batch_, undo_batch_, insert_, update_, reopen_, load_, erase_,
      withdraw_, reopened_, claim_, release_;
  statement take_key_, give_key_back_, named_, spend_key_, withdraw_keys_, forget_keys_;
  delivery_table deliveries_;
  std::unordered_map<std::string, statement> selects_;  ///< one for each combination of filters that was asked for
};

}  // namespace music::sqlite
