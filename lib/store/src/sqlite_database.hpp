#pragma once

/// The database file: making it, recognising it, checking it, bringing its schema up to date.

#include "sqlite_connection.hpp"

#include <music/store/sqlite_store.hpp>

namespace music::sqlite {

/// Whether opening reads the whole file (at start) or not (after a failure while running).
enum class check : std::uint8_t { whole, none };

/// Opens `options.directory`/jobs.db, making it if it is not there. The connection that comes back holds the database's
/// lock until it is closed, its write-ahead log is empty and what it held is durable in the main file. Errors:
/// `store_unavailable`; `internal` if the file is damaged.
[[nodiscard]] result<connection> open_database(const sqlite_options& options, check how);

/// Renames a damaged jobs.db and its log, so that a person can look for what is left in them; gives the new name.
[[nodiscard]] result<std::filesystem::path> set_aside(const std::filesystem::path& directory);

/// Copies the write-ahead log into the main file, makes that durable and leaves the log empty.
[[nodiscard]] result<void> empty_log(connection& database);

}  // namespace music::sqlite
