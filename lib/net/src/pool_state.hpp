#pragma once

/// What the connection pool decides, without connections: a pure state machine that plain calls can test.

#include <music/async/clock.hpp>
#include <music/net/http_client.hpp>

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <vector>

namespace music::net {

/// Connections are shared by requests of one origin and one address policy.
struct pool_key {
  origin from{};
  address_policy policy = address_policy::any;

  friend auto operator<=>(const pool_key&, const pool_key&) = default;
};

struct pool_limits {
  std::size_t max_per_origin = 256;
  std::size_t max_idle_per_origin = 256;
  std::size_t max_connecting = 16;
  std::chrono::milliseconds max_idle{15'000};
  std::chrono::milliseconds max_age{300'000};
};

/// Who asked first is served first, within an origin and, for the right to connect, among origins; idle connections are
/// used last in, first out, so that the surplus ages away. One that may not be replayed passes over connections that have
/// been idle for long, and those behind it may take what it passed over. Never more than the limits in any state.
class pool_state {
 public:
  using connection_id = std::uint64_t;
  using ticket = std::uint64_t;

  /// What a waiter accepts.
  struct demand {
    std::chrono::milliseconds idle_at_most{15'000};  ///< a reused connection may have been idle this long
    bool reuse = true;                               ///< false: a new connection only
  };

  /// The right to use an idle connection, or to open a new one.
  struct grant {
    ticket who = 0;
    std::optional<connection_id> reuse{};
  };

  struct plan {
    std::vector<grant> grants{};
    std::vector<connection_id> close{};  ///< idle connections that are no longer in the pool
  };

  /// Asks the shell whether an idle connection still lives; called for what is about to be granted.
  using alive_check = std::function<bool(connection_id)>;

  explicit pool_state(pool_limits limits) : limits_(limits) {}

  [[nodiscard]] ticket enqueue(const pool_key& key, demand wants);

  /// A waiter that has not been granted anything gave up.
  void withdraw(const pool_key& key, ticket who);

  /// Serves whoever can be served now. To be called after every other call.
  [[nodiscard]] plan schedule(time_point now, const alive_check& alive);

  /// A granted opening ended: with a connection (now in use) or without.
  void opened(const pool_key& key);
  void open_failed(const pool_key& key);

  /// A connection in use came back: to be reused, or closed.
  void parked(const pool_key& key, connection_id which, time_point born, time_point now);
  void gone(const pool_key& key);

  /// Takes idle connections out of the pool: those past their limits, or all.
  [[nodiscard]] std::vector<connection_id> expire(time_point now);
  [[nodiscard]] std::vector<connection_id> clear_idle();

  [[nodiscard]] std::size_t connecting() const noexcept { return connecting_; }
  [[nodiscard]] std::size_t idle(const pool_key& key) const;
  [[nodiscard]] std::size_t waiting(const pool_key& key) const;

 private:
  struct idle_connection {
    connection_id id = 0;
    time_point born{};
    time_point since{};
  };

  struct waiter {
    ticket who = 0;
    demand wants{};
  };

  struct site {
    std::deque<idle_connection> idle{};  ///< the longest idle first
    std::size_t in_use = 0;
    std::size_t connecting = 0;
    std::list<waiter> waiting{};

    [[nodiscard]] std::size_t connections() const noexcept { return idle.size() + in_use + connecting; }
    [[nodiscard]] bool unused() const noexcept { return connections() == 0 && waiting.empty(); }
  };

  void serve(site& at, time_point now, const alive_check& alive, plan& into);
  [[nodiscard]] std::optional<connection_id> reuse(site& at, const demand& wants, time_point now, const alive_check& alive,
                                                   plan& into);
  [[nodiscard]] bool open(site& at, plan& into);
  [[nodiscard]] bool outlived(const idle_connection& connection, time_point now) const noexcept;
  void forget_if_unused(const pool_key& key);

  pool_limits limits_;
  std::map<pool_key, site> sites_{};
  std::size_t connecting_ = 0;
  ticket next_ticket_ = 1;
};

}  // namespace music::net
