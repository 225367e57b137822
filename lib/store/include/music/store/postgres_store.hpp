#pragma once

/// Jobs and songs in a PostgreSQL database that several instances of the service share.

#include <music/base/secret.hpp>
#include <music/core/audio.hpp>
#include <music/core/ports.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace music {

struct postgres_options {
  secret url;                   ///< JOB_STORE, e.g. postgresql://music:password@db/music?sslmode=verify-full
  std::size_t connections = 8;  ///< at most, and one that listens
  std::chrono::milliseconds start_patience{10'000};  ///< how long to wait for a server that is still starting
};

/// Both over one pool of connections. Either may outlive the other.
struct postgres_stores {
  std::unique_ptr<job_store> jobs;
  std::unique_ptr<audio_store> audio;
};

/// Whether libpq can read it as a URL. Error: `invalid_argument`, with a detail that says nothing of the URL.
[[nodiscard]] result<void> check_postgres_url(std::string_view url);

/// Connects, waiting for a server that is still starting, and brings the schema up to date. Blocks; call it
/// before the shards start. What is a password in the URL is registered as a secret of the log. Errors: `invalid_argument`
/// (the URL), `store_unavailable`; the detail says why.
///
/// The stores are thread-safe. One thread of their own drives all connections; a host name in the URL is looked up on it. Each
/// store object is one instance of the service to the others, until it ends or does not renew for `lease_duration`.
///
/// What cannot be carried out is tried again on another connection for up to ten seconds, and for two while the server cannot
/// be reached at all; then it fails with `store_unavailable`. Cancelling an await returns at once and abandons the answer; the
/// request itself is still carried out. A song that is erased ends its readers' reading with `store_unavailable`.
///
/// Destroying the last of the two carries out what is under way for up to five seconds. Destroy them after their callers have
/// ended or their loops have stopped, and before their io_contexts are destroyed.
[[nodiscard]] result<postgres_stores> open_postgres_stores(postgres_options options);

}  // namespace music
