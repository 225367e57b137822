#pragma once

/// The database file: making it, recognising it, checking it, bringing its schema up to date.

#include "sqlite_connection.hpp"

#include <music/store/sqlite_store.hpp>

namespace music::sqlite {

/// Whether opening reads the whole file (at start) or not (after a failure while running).
enum class check : std::uint8_t { whole, none };

/// Opens `options.directory`/jobs.db, making it if it is not there. The connection that comes back holds the database's
/// lock until it is closed, its write-ahead log is empty and what it held is durable in the main file.
[[nodiscard]] result<connection> open_database(const sqlite_options& options, check how);

/// Copies the write-ahead log into the main file, makes that durable and leaves the log empty.
[[nodiscard]] result<void> empty_log(connection& database);

}  // namespace music::sqlite
