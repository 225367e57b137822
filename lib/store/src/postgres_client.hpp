#pragma once

/// The database's own event loop, and the way to it from the shards.

#include "pending.hpp"
#include "postgres_pool.hpp"

#include <music/async/shard.hpp>
#include <music/async/task_group.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace music::postgres {

/// An errand with room for what came of it. Carried out on the database's loop.
class request : public pending {
 public:
  /// One try on one connection. After an error that is `transient` it is run again on another, so whatever it does must be
  /// safe to do twice.
  [[nodiscard]] virtual task<result<void>> attempt(connection& on, time_point until) = 0;
  virtual void fail(error why) = 0;
};

/// `Errand` has a type `answer` and a function `task<result<answer>> run(connection&, time_point) const`; if it must know that
/// an earlier attempt may have been carried out, a `bool again`.
template <class Errand>
class request_for final : public request {
 public:
  using answer = typename Errand::answer;

  explicit request_for(Errand errand) : errand_(std::move(errand)) {}

  task<result<void>> attempt(connection& on, time_point until) override {
    outcome_ = co_await errand_.run(on, until);
    if constexpr (requires { errand_.again; }) errand_.again = true;
    if (!outcome_) co_return outcome_.error();
    co_return result<void>{};
  }

  void fail(error why) override { outcome_ = std::move(why); }

  /// Once, by whoever waited.
  [[nodiscard]] result<answer> take() { return std::move(outcome_); }

 private:
  Errand errand_;
  result<answer> outcome_{error{errc::store_unavailable, "PostgreSQL: no answer"}};
};

struct client_options {
  pool_options connections;
  std::size_t most_waiting = 16'384;  ///< errands; past it `store_unavailable`
};

/// One thread with one loop and a pool of connections, for all shards: eight connections instead of eight for each shard, and
/// the server writes the commits that wait together with one fsync. Thread-safe.
///
/// Cancelling an await abandons the answer; the errand is still carried out. Destroy it after its callers have ended or their
/// loops have stopped, and before their io_contexts are destroyed; it gives what is under way five seconds.
class client {
 public:
  explicit client(client_options options);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Carries an errand out, trying again on another connection while that may help, at most for ten seconds.
  template <class Errand>
  [[nodiscard]] task<result<typename Errand::answer>> run(Errand errand) {
    auto asked = std::make_shared<request_for<Errand>>(std::move(errand));
    co_await ask(asked);
    co_return asked->take();
  }

  /// Carries it out some time, however long the server is away; nobody learns what came of it.
  template <class Errand>
  void dispatch(Errand errand) {
    push(std::make_shared<request_for<Errand>>(std::move(errand)), false);
  }

  /// Calls `hint` on the loop's thread when another session notifies `channel`, at most ten times a second, and when a
  /// notification may have been missed. Once.
  void listen(std::string channel, std::function<void()> hint);

  /// Carries out `statements` now and once a minute. Once.
  void repeat(std::string statements);

 private:
  [[nodiscard]] task<void> ask(std::shared_ptr<request> what);
  bool push(std::shared_ptr<request> what, bool awaited);
  [[nodiscard]] task<void> serve(std::shared_ptr<request> what, bool awaited);
  [[nodiscard]] task<result<void>> carry_out(request& what);
  [[nodiscard]] task<void> keep_listening(std::string channel, std::function<void()> hint);
  [[nodiscard]] task<result<void>> listen_once(std::string channel, const std::function<void()>& hint);
  [[nodiscard]] task<void> keep_repeating(std::string statements);
  [[nodiscard]] task<result<void>> run_script(std::string statements);
  [[nodiscard]] task<void> end();

  const client_options options_;
  std::atomic<std::size_t> waiting_{0};
  shard loop_;
  pool pool_;          ///< from here on: the loop's own
  task_group errands_;
  task_group chores_;
};

}  // namespace music::postgres
