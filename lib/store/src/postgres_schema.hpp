#pragma once

/// The tables: making them, recognising them, bringing them up to date.

#include "postgres_connection.hpp"

namespace music::postgres {

/// The channel on which sessions tell each other that there may be something to claim or to cancel.
inline constexpr const char* hint_channel = "music_jobs";

/// Brings the schema up to date in one transaction, one instance at a time. Error: `store_unavailable`; also if a later
/// version of the program wrote it.
[[nodiscard]] task<result<void>> migrate(connection& on, time_point until);

/// What runs once on each new connection: the instance `holder` (A-Z a-z 0-9) is alive.
[[nodiscard]] std::string greeting(const std::string& holder);

/// What runs once a minute: takes away uploads that nobody will finish and instances that ended long ago.
[[nodiscard]] std::string upkeep();

}  // namespace music::postgres
