#pragma once

/// A few connections that many tasks share.

#include "postgres_connection.hpp"

#include <music/async/backoff.hpp>
#include <music/async/event.hpp>

#include <deque>

namespace music::postgres {

class pool;

/// A connection on loan: goes back to its pool at the end of its scope, or is closed if it is not usable any more.
class loan {
 public:
  loan(pool& from, std::unique_ptr<connection> lent) noexcept : from_(&from), lent_(std::move(lent)) {}
  ~loan();
  loan(loan&& other) noexcept = default;
  loan& operator=(loan&&) = delete;

  [[nodiscard]] connection& operator*() const noexcept { return *lent_; }

 private:
  pool* from_;
  std::unique_ptr<connection> lent_;
};

struct pool_options {
  std::string url;
  std::size_t most = 8;   ///< connections at once
  std::string greeting;   ///< carried out once on each new connection
};

/// Opens connections as they are needed, at most `most`, and hands them out oldest request first. While the server cannot be
/// reached one task at a time tries, with backoff, and the others wait a little; so a restart that is over soon is noticed by
/// nobody, and an outage is told after two seconds. One for each loop; not thread-safe. Must outlive its loans.
class pool {
 public:
  pool(executor ex, clock& clock, pool_options options);

  /// Error: `store_unavailable` (not reachable, all in use until `until`, closed).
  [[nodiscard]] task<result<loan>> borrow(time_point until);

  /// Closes what is idle: after one connection broke, the others most likely have too, and would each fail once.
  void close_idle();

  /// Refuses from now on.
  void close();

 private:
  friend class loan;

  /// Somebody who waits for a connection, or for the permission to open one.
  struct waiter {
    explicit waiter(executor ex) : woken(ex) {}
    event woken;
    std::unique_ptr<connection> given;
  };

  [[nodiscard]] task<result<std::unique_ptr<connection>>> open();
  [[nodiscard]] task<std::unique_ptr<connection>> turn(time_point until);
  [[nodiscard]] bool may_open() const noexcept;
  [[nodiscard]] bool is_away() const noexcept;
  void give_back(std::unique_ptr<connection> returned) noexcept;
  void wake_one() noexcept;
  void note(const result<std::unique_ptr<connection>>& opened);

  executor executor_;
  clock& clock_;
  const pool_options options_;
  std::vector<std::unique_ptr<connection>> idle_;  ///< used last comes first; empty while anybody waits
  std::deque<std::shared_ptr<waiter>> waiting_;
  std::size_t open_ = 0;     ///< lent, idle and being opened
  std::size_t opening_ = 0;
  bool closed_ = false;

  // since the server was last reached
  int failures_ = 0;
  time_point retry_at_{};
  error last_failure_;
};

}  // namespace music::postgres
