#pragma once

/// What can be done to the jobs, one errand each. Every errand is one statement, which is one transaction, and can be carried
/// out twice: the second time finds out what the first did.

#include "postgres_connection.hpp"

#include <music/core/ports.hpp>

#include <string>
#include <vector>

namespace music::postgres {

struct nothing {};

/// A statement that gives nothing but success. Its text must live until this ends. Errors: those of `execute`.
[[nodiscard]] task<result<nothing>> carry_out(connection& on, std::string_view statement, parameters with, time_point until);

/// A key that was there a moment ago, and is not: what used it was rolled back, or it was forgotten. To be tried again.
[[nodiscard]] error key_vanished();

/// A job as it is stored. Made on the caller's shard, so that the database's loop has no text to write.
struct job_row {
  job_id id;
  std::string owner;
  job_status status;
  std::int64_t version = 0;
  std::int64_t created_at = 0;  ///< times are milliseconds since 1970
  std::optional<std::int64_t> expires_at;
  std::string record;
};

[[nodiscard]] job_row make_row(const job& job);

/// Whose errand it is: the id of this instance, new at each start.
using holder_id = std::string;

struct insert_job {
  struct answer {
    lease_epoch lease = 0;
    std::string earlier;  ///< if not empty: the record of the job that the key already names
  };
  holder_id me;
  job_row row;
  std::optional<idempotency> key;
  bool again = false;  ///< an earlier attempt may have been carried out

  /// Errors: `key_reused`, `key_spent`, `internal` (the id is taken).
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;

 private:
  [[nodiscard]] task<result<rows>> insert(connection& on, time_point until) const;
  [[nodiscard]] task<result<answer>> named_by_key(connection& on, time_point until) const;
  [[nodiscard]] task<result<answer>> settle(connection& on, time_point until) const;
};

struct insert_jobs {
  struct answer {
    batch_id earlier;  ///< if not empty: the batch that the key already names
  };
  holder_id me;
  batch_id batch;
  std::vector<job_row> jobs;  ///< the batch's, alike in all but their ids and records
  std::optional<idempotency> key;
  bool again = false;  ///< an earlier attempt may have been carried out

  /// Errors: `key_reused`, `key_spent`, `internal` (an id is taken).
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;

 private:
  [[nodiscard]] task<result<rows>> insert(connection& on, time_point until) const;
  [[nodiscard]] task<result<answer>> named_by_key(connection& on, time_point until) const;
  [[nodiscard]] task<result<answer>> settle(connection& on, time_point until) const;
};

struct update_job {
  using answer = nothing;
  job_row row;
  lease_epoch lease = 0;
  std::vector<delivery> told;

  /// Errors: `not_found`, `lease_lost`.
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct reopen_job {
  using answer = lease_epoch;
  holder_id me;
  job_row row;
  std::uint64_t seen_version = 0;

  /// Errors: `not_found`, `conflict`.
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct load_job {
  using answer = std::string;  ///< the record
  job_id id;

  /// Error: `not_found`.
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct select_jobs {
  using answer = std::vector<std::string>;
  job_filter filter;

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct erase_job {
  using answer = nothing;
  job_id id;
  std::int64_t now = 0;  ///< milliseconds since 1970

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct claim_jobs {
  struct claimed {
    std::string record;
    lease_epoch lease = 0;
    int crashes = 0;
    bool cancel_requested = false;
  };
  using answer = std::vector<claimed>;
  holder_id me;
  std::size_t limit = 0;

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct renew_jobs {
  using answer = renewal;
  holder_id me;
  std::vector<job_id> held;

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct release_jobs {
  using answer = nothing;
  holder_id me;

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct ask_to_cancel {
  using answer = nothing;
  job_id id;

  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

}  // namespace music::postgres
