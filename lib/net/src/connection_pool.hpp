#pragma once

/// The connections that `pool_state` decides about, and the leases that use them.

#include <music/async/event.hpp>
#include <music/net/transport.hpp>

#include "dialer.hpp"
#include "pool_state.hpp"

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace music::net {

class connection_pool;

/// The right to use one connection for one exchange. Unless `keep` was called, its end closes the connection: what was
/// cancelled, timed out or odd in any way never carries another request. Movable.
class lease {
 public:
  lease() = default;
  lease(std::shared_ptr<connection_pool> pool, pool_key key, std::unique_ptr<transport> connection, time_point born, bool reused)
      : pool_(std::move(pool)), key_(std::move(key)), connection_(std::move(connection)), born_(born), reused_(reused) {}
  ~lease() { end(); }
  lease(lease&& other) noexcept = default;
  lease& operator=(lease&& other) = delete;

  [[nodiscard]] transport& connection() noexcept { return *connection_; }
  [[nodiscard]] bool reused() const noexcept { return reused_; }

  /// The exchange ended cleanly: let the next one have the connection.
  void keep() noexcept { keep_ = true; }

 private:
  void end() noexcept;

  std::shared_ptr<connection_pool> pool_{};
  pool_key key_{};
  std::unique_ptr<transport> connection_{};
  time_point born_{};
  bool reused_ = false;
  bool keep_ = false;
};

/// One for each client, on its shard. Held by shared_ptr, so that leases in frames that are destroyed late find it alive.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
 public:
  connection_pool(dialer dials, pool_limits limits) : dialer_(dials), state_(limits) {}

  /// A connection to `key.from`, idle or new; waits for its turn without limit (the caller's deadline cancels it). A new
  /// one must be there within `connect_timeout` and by `deadline`. Errors as `dial`.
  [[nodiscard]] task<result<lease>> acquire(pool_key key, pool_state::demand wants, std::chrono::milliseconds connect_timeout,
                                            time_point deadline);

  void sweep();
  void close_idle();

  /// The client is gone: from now on what comes back is closed and nothing is decided, for the clock may be gone as well.
  void retire() noexcept;
  [[nodiscard]] std::uint64_t connections_opened() const noexcept { return opened_; }

 private:
  friend class lease;
  class claim;
  using connection_id = pool_state::connection_id;

  struct parked_connection {
    std::unique_ptr<transport> connection{};
    time_point born{};
  };

  void give_back(const pool_key& key, std::unique_ptr<transport> connection, time_point born, bool keep);
  void close(const std::vector<connection_id>& which);
  void pump();
  [[nodiscard]] std::shared_ptr<tls_session_slot> session_for(const pool_key& key);

  dialer dialer_;
  pool_state state_;
  std::unordered_map<connection_id, parked_connection> parked_{};
  std::unordered_map<pool_state::ticket, claim*> claims_{};
  std::map<origin, std::shared_ptr<tls_session_slot>> sessions_{};
  bool retired_ = false;
  connection_id next_id_ = 1;
  std::uint64_t opened_ = 0;
};

}  // namespace music::net
