#pragma once

/// One shard's half of the server: its sessions, its sweep, its share of draining.

#include "request_counters.hpp"
#include "session.hpp"

#include <music/async/event.hpp>
#include <music/async/task_group.hpp>

#include <memory>
#include <string>
#include <vector>

namespace music::http {

/// What all shards share. Immutable once serving.
struct server_settings {
  http_options options;
  authenticator keys;
  std::string base_url;
  std::size_t connections_per_shard = 0;
  std::vector<std::shared_ptr<const request_counters>> counted{};  ///< every shard's
};

/// One for each shard; only the shard's thread may use it. Owned by the server, which must outlive its tasks: `drain` first.
class worker {
 public:
  worker(const http_ports& ports, const server_settings& settings);

  [[nodiscard]] executor get_executor() const noexcept { return ports_.ex; }

  [[nodiscard]] std::shared_ptr<const request_counters> counters() const noexcept { return counters_; }

  /// Begins to sweep.
  void start() { housekeeping_.spawn(sweep_for_ever()); }

  /// Serves a connection until it ends. At the shard's limit the oldest idle one is closed for it; when none is idle, the
  /// new one is told 503 and closed.
  void adopt(net::tcp_socket socket);
  void adopt(std::unique_ptr<net::transport> connection);

  /// Closes what is idle and hurries what is not.
  void begin_drain();

  /// The rest of `http_server::drain`, after `begin_drain`.
  [[nodiscard]] task<void> drain(time_point until);

 private:
  [[nodiscard]] task<void> sweep_for_ever();
  void sweep();
  [[nodiscard]] bool close_one_idle();
  void turn_away(net::transport& connection);

  http_ports ports_;
  const server_settings& settings_;
  std::shared_ptr<request_counters> counters_ = std::make_shared<request_counters>();
  api api_;
  request_ids ids_;
  block_pool blocks_;
  session_list sessions_;
  session_environment environment_;
  task_group serving_;
  task_group housekeeping_;
};

}  // namespace music::http
