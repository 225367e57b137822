#pragma once

/// Jobs in an SQLite database: durable on one machine, without a server.

#include <music/core/ports.hpp>

#include <chrono>
#include <filesystem>
#include <memory>

namespace music {

struct sqlite_options {
  std::filesystem::path directory;               ///< DATA_DIR; made with mode 0700; the database is `jobs.db` in it
  std::chrono::milliseconds lock_timeout{2000};  ///< how long to wait for another process that still has the database
  std::size_t most_queued = 16'384;              ///< waiting requests; past it `store_unavailable`
};

/// Opens or makes the database and checks it (PRAGMA quick_check: reads the whole file). Blocks; call it before the shards
/// start. Errors: `store_unavailable`, with a detail for the operator that says which file and why: another process uses
/// it, it is not ours, a later version wrote it, or the directory cannot be used. A file that is refused is left exactly as it
/// was. A database of ours that is damaged is renamed, said in the log as an error, and a new one is begun.
///
/// The store is thread-safe. One thread of its own does all the work on one connection, so that Debian's SQLite 3.40 cannot
/// meet its WAL-reset race, which takes two; the database is locked against every other connection, a person's `sqlite3`
/// included. Reads run on that thread too, between two transactions: they see committed rows only and cost about 5 us.
/// Requests that wait together share one COMMIT (synchronous=FULL).
///
/// Cancelling an await returns at once and abandons the answer; the request itself is still carried out.
///
/// Destroying it carries out what is queued. Destroy it after its callers have ended or their loops have stopped, and before
/// their io_contexts are destroyed.
[[nodiscard]] result<std::unique_ptr<job_store>> open_sqlite_job_store(sqlite_options options);

}  // namespace music
