#include "postgres_client.hpp"

#include <music/async/backoff.hpp>
#include <music/base/log.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <future>

namespace music::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto errand_patience = 10s;
constexpr int most_attempts = 6;
constexpr auto ending_patience = 5s;
constexpr auto hint_pause = 100ms;
constexpr auto listening_check = 30s;
constexpr auto repeat_interval = 60s;
constexpr backoff trying_again{.first = 100ms, .cap = 5000ms};

}  // namespace

client::client(client_options options)
    : options_(std::move(options)),
      loop_(0),
      pool_(loop_.get_executor(), loop_.clock(), options_.connections),
      errands_(loop_.get_executor(), "postgres"),
      chores_(loop_.get_executor(), "postgres_chores") {
  loop_.start();
}

client::~client() {
  std::promise<void> ended;
  asio::co_spawn(loop_.get_executor(), end(), [&ended](std::exception_ptr) { ended.set_value(); });
  ended.get_future().wait();
  loop_.release();
  loop_.join();
}

task<void> client::end() {
  auto& clock = loop_.clock();
  const auto until = clock.now() + ending_patience;
  chores_.cancel();
  co_await errands_.drain(clock, until);
  pool_.close();  // whoever still waits for a connection is refused
  errands_.cancel();
  co_await errands_.drain(clock, until + 1s);
  co_await chores_.drain(clock, until + 1s);
}

// --- errands ----------------------------------------------------------------------------------------------------------

task<void> client::ask(std::shared_ptr<request> what) {
  const auto ex = co_await asio::this_coro::executor;
  auto initiate = [this, ex, what](auto handler) {
    pending::arm(what, ex, pending::completion{std::move(handler)});
    if (push(what, true)) return;
    what->fail({errc::store_unavailable, "PostgreSQL: too many requests wait"});
    complete_all({what});
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<executor>&, void(boost::system::error_code)>(initiate, use_task);
}

bool client::push(std::shared_ptr<request> what, bool awaited) {
  if (waiting_.fetch_add(1) >= options_.most_waiting) {
    --waiting_;
    return false;
  }
  loop_.post([this, what = std::move(what), awaited] { errands_.spawn(serve(what, awaited)); });
  return true;
}

task<void> client::serve(std::shared_ptr<request> what, bool awaited) {
  /// Whoever waits is woken whatever happens here.
  struct answering {
    client& of;
    const std::shared_ptr<request>& what;
    bool awaited;
    ~answering() {
      --of.waiting_;
      if (awaited) complete_all({what});
    }
  } const at_end{*this, what, awaited};
  auto done = co_await carry_out(*what);
  for (int attempt = 0; !awaited && !done && done.error().code == errc::store_unavailable; ++attempt) {
    const auto again = loop_.clock().now() + trying_again.delay(attempt, system_random());
    co_await loop_.clock().sleep_until(again, use_task);
    done = co_await carry_out(*what);
  }
  if (!done) what->fail(done.error());
}

/// A statement whose connection breaks has an unknown outcome. It is not guessed: the statement is sent again, and every one
/// is written so that the second time finds out what the first did.
task<result<void>> client::carry_out(request& what) {
  const auto until = loop_.clock().now() + errand_patience;
  for (int attempt = 1;; ++attempt) {
    auto lent = co_await pool_.borrow(until);
    if (!lent) co_return lent.error();
    auto done = co_await what.attempt(**lent, until);
    const bool again = !done && done.error().transient && attempt < most_attempts && loop_.clock().now() < until;
    if (!again) co_return done;
    if (!(**lent).usable()) pool_.close_idle();
  }
}

// --- chores -----------------------------------------------------------------------------------------------------------

void client::listen(std::string channel, std::function<void()> hint) {
  loop_.post([this, channel = std::move(channel), hint = std::move(hint)] { chores_.spawn(keep_listening(channel, hint)); });
}

task<void> client::keep_listening(std::string channel, std::function<void()> hint) {
  for (int attempt = 0;; ++attempt) {
    const auto from = loop_.clock().now();
    const auto ended = co_await listen_once(channel, hint);
    if (ended.has_error()) log::debug({"job_store", "PostgreSQL", "listen", "failed"}, {{"detail", ended.error().detail}});
    if (loop_.clock().now() - from > listening_check) attempt = 0;
    const auto again = loop_.clock().now() + trying_again.delay(attempt, system_random());
    co_await loop_.clock().sleep_until(again, use_task);
  }
}

/// On a connection of its own, which is idle but for an empty statement now and then: that notices a peer that vanished.
task<result<void>> client::listen_once(std::string channel, const std::function<void()>& hint) {
  auto& clock = loop_.clock();
  auto opened = co_await connection::open(loop_.get_executor(), clock, options_.connections.url, clock.now() + listening_check);
  if (!opened) co_return opened.error();
  auto& on = **opened;
  const auto listen = "LISTEN " + channel;
  auto alive = co_await on.script(listen, clock.now() + listening_check);
  if (alive) hint();  // something may have been missed
  while (alive) {
    auto told = co_await on.notified(clock.now() + listening_check);
    if (!told) co_return told.error();
    if (*told) hint();
    if (*told) co_await clock.sleep_until(clock.now() + hint_pause, use_task);
    else alive = co_await on.script("SELECT 1", clock.now() + listening_check);
  }
  co_return alive;
}

void client::repeat(std::string statements) {
  loop_.post([this, statements = std::move(statements)] { chores_.spawn(keep_repeating(statements)); });
}

task<void> client::keep_repeating(std::string statements) {
  for (;;) {
    const auto done = co_await run_script(statements);
    if (done.has_error()) log::debug({"job_store", "PostgreSQL", "upkeep", "failed"}, {{"detail", done.error().detail}});
    co_await loop_.clock().sleep_until(loop_.clock().now() + repeat_interval, use_task);
  }
}

task<result<void>> client::run_script(std::string statements) {
  const auto until = loop_.clock().now() + errand_patience;
  auto lent = co_await pool_.borrow(until);
  if (!lent) co_return lent.error();
  co_return co_await (**lent).script(statements, until);
}

}  // namespace music::postgres
