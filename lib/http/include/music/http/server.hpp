#pragma once

/// The HTTP interface of the service: everything of `openapi.yaml`, over the ports of `lib/core`.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/base/hash.hpp>
#include <music/base/random.hpp>
#include <music/core/audio.hpp>
#include <music/core/batch.hpp>
#include <music/core/job_service.hpp>
#include <music/core/metrics_source.hpp>
#include <music/core/outbox.hpp>
#include <music/core/ports.hpp>
#include <music/core/prompt_service.hpp>
#include <music/core/song_callbacks.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace music::net {
class tls_context;
}

namespace music::http {

/// One entry of API_KEYS. Of the secret only its SHA-256 is kept, which is what requests are compared with.
struct api_key {
  std::string name;
  sha256_digest secret_digest{};
};

/// What a client may do and how long it may take. The deadlines are totals, not times between bytes: a client that sends
/// one byte every few seconds ends like one that sends none. They are held by a sweep every second, so they are late by up
/// to one second.
struct http_limits {
  std::chrono::seconds idle_timeout{60};       ///< a kept connection without a request
  std::chrono::seconds header_timeout{10};     ///< from a request's first byte (or the accept) to the end of its header
  std::chrono::seconds body_timeout{20};       ///< from the end of the header to the end of the body
  std::chrono::seconds write_timeout{20};      ///< an answer, or each 64 KiB of a song, until the client has taken it
  std::chrono::seconds longest_wait{60};       ///< the most that `Prefer: wait=N` is granted
  std::size_t max_connections = 10'000;        ///< all shards together; at the limit the oldest idle one makes room
};

/// Which of the skills this process serves; health, documents and the list of skills are always there.
enum class served_role : std::uint8_t {
  all,     ///< everything
  prompt,  ///< the prompt generator alone: no jobs
  music,   ///< the music generator alone, and its jobs
};

struct http_options {
  std::string public_base_url;                 ///< what links begin with, without a final '/'; empty = the listening address
  std::vector<api_key> keys;                   ///< empty: anybody may ask, and the caller's name is empty
  served_role role = served_role::all;
  const net::tls_context* tls = nullptr;       ///< a server's context to serve HTTPS; must outlive the server
  http_limits limits;
};

/// What one shard's half of the server works with. All of it must outlive the server; `jobs`, `control`, `clock` and
/// `random` are used on the shard's thread only, `audio` and `ready` are thread-safe.
struct http_ports {
  executor ex;
  music::clock& clock;
  job_service& jobs;
  job_control& control;
  audio_store& audio;
  const readiness& ready;
  random_source& random;
  prompt_service* prompts = nullptr;  ///< used on the shard's thread only; null: no prompt is written here
  song_callbacks* callbacks = nullptr;  ///< thread-safe; null: no music service is told to call back
  const metrics_source* metrics = nullptr;  ///< what GET /metrics tells besides the requests; thread-safe
  outbox* deliveries = nullptr;       ///< thread-safe; null: nobody is told anything
  notifier* webhooks = nullptr;       ///< thread-safe; null: as above
  batch_service* batches = nullptr;   ///< used on the shard's thread only; null: none is made here
  std::span<const provider_entry> providers{};  ///< what GET /providers tells: the configured ones first, in their order
};

/// Accepts connections on the first shard and hands them out in turn: a connection, its requests and their jobs stay on one
/// shard. (Not SO_REUSEPORT: a second process on the same port must fail to start instead of taking half of the clients,
/// and few long-lived connections spread evenly this way.)
///
/// Owner: the composition root. Destroy it after the shards' threads have been joined, or after `drain` has completed.
class http_server {
 public:
  virtual ~http_server() = default;

  /// Binds and listens; nothing is accepted before `start`. Port 0 takes a free one. `host` is an address in text form or
  /// "localhost". Gives the real port. Error: `invalid_argument` when the address cannot be used. Call it once, before
  /// `start`, on any thread.
  [[nodiscard]] virtual result<std::uint16_t> listen(const std::string& host, std::uint16_t port) = 0;

  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// Begins to accept and to sweep. The shards may be running already or be started later. Thread-safe.
  virtual void start() = 0;

  /// Stops accepting, closes idle connections, lets requests in flight be answered (waiting ones at once, with what is
  /// known now), then closes what is left at `until`. Await it on the first shard, once.
  [[nodiscard]] virtual task<void> drain(time_point until) = 0;
};

/// One entry of `shards` for each shard, at least one; the first one accepts.
[[nodiscard]] std::unique_ptr<http_server> create_http_server(http_options options, std::vector<http_ports> shards);

}  // namespace music::http
