#include "postgres_pool.hpp"

#include <music/async/deadline.hpp>
#include <music/base/log.hpp>

#include <algorithm>

namespace music::postgres {
namespace {

using namespace std::chrono_literals;

/// Doubled with every failure in a row: a server that is only slow never gets anywhere with connections that are given up and
/// begun again.
constexpr auto connect_patience = 3s;
constexpr int most_doublings = 2;
constexpr auto outage_patience = 2s;
constexpr backoff reconnecting{.first = 50ms, .cap = 1000ms};

}  // namespace

loan::~loan() {
  if (lent_) from_->give_back(std::move(lent_));
}

pool::pool(executor ex, clock& clock, pool_options options) : executor_(ex), clock_(clock), options_(std::move(options)) {}

task<result<loan>> pool::borrow(time_point until) {
  const auto outage_ends = clock_.now() + outage_patience;
  for (;;) {
    if (closed_) co_return error{errc::store_unavailable, "PostgreSQL: closed"};
    if (!idle_.empty()) {
      auto lent = std::move(idle_.back());
      idle_.pop_back();
      co_return loan{*this, std::move(lent)};
    }
    if (may_open()) {
      auto opened = co_await open();
      if (opened) co_return loan{*this, std::move(*opened)};
    }
    const auto patience = is_away() ? earlier(until, outage_ends) : until;
    if (clock_.now() >= patience) {
      if (is_away()) co_return last_failure_;
      co_return error{errc::store_unavailable, "PostgreSQL: all connections are in use"};
    }
    auto given = co_await turn(failures_ > 0 ? earlier(patience, retry_at_) : patience);
    if (given) co_return loan{*this, std::move(given)};
  }
}

/// A server that failed is tried by one task at a time, and not before its time has come.
bool pool::may_open() const noexcept {
  if (open_ >= options_.most) return false;
  return failures_ == 0 || (opening_ == 0 && clock_.now() >= retry_at_);
}

/// Where a connection still works, one more that could not be had is no outage: the server has much to do.
bool pool::is_away() const noexcept { return failures_ > 0 && open_ == opening_; }

task<result<std::unique_ptr<connection>>> pool::open() {
  /// Counts an attempt, also one that is cancelled.
  struct attempt {
    pool& of;
    bool kept = false;
    explicit attempt(pool& owner) : of(owner) { ++of.open_, ++of.opening_; }
    ~attempt() {
      --of.opening_;
      if (!kept) --of.open_;
      of.wake_one();
    }
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
  } counted{*this};

  const auto patience = connect_patience * (1 << std::min(failures_, most_doublings));
  const auto limit = clock_.now() + patience;  // not the caller's: his haste must not count as the server's failure
  auto opened = co_await connection::open(executor_, clock_, options_.url, limit);
  if (opened && !options_.greeting.empty()) {
    auto greeted = co_await (*opened)->script(options_.greeting, limit);
    if (!greeted) opened = greeted.error();
  }
  note(opened);
  counted.kept = opened.has_value();
  co_return opened;
}

/// Waits in line until `until`. Null: nothing was given, look again.
task<std::unique_ptr<connection>> pool::turn(time_point until) {
  auto self = std::make_shared<waiter>(executor_);
  waiting_.push_back(self);
  /// A task that is cancelled here must neither stay in the line nor keep what it was given.
  struct place {
    pool& of;
    std::shared_ptr<waiter> who;
    ~place() {
      std::erase(of.waiting_, who);
      if (who->given) of.give_back(std::move(who->given));
    }
  } const in_line{*this, self};
  co_await sleep_unless(clock_, until, &self->woken);
  co_return std::move(self->given);
}

void pool::give_back(std::unique_ptr<connection> returned) noexcept {
  if (closed_ || !returned->usable()) {
    returned.reset();
    --open_;
    wake_one();
    return;
  }
  if (waiting_.empty()) {
    idle_.push_back(std::move(returned));
    return;
  }
  waiting_.front()->given = std::move(returned);
  wake_one();
}

void pool::wake_one() noexcept {
  if (waiting_.empty()) return;
  const auto first = std::move(waiting_.front());
  waiting_.pop_front();
  first->woken.set();
}

void pool::close_idle() {
  open_ -= idle_.size();
  idle_.clear();
}

void pool::close() {
  closed_ = true;
  close_idle();
  while (!waiting_.empty()) wake_one();
}

/// Remembers when to try again, and says in the log when the server goes and when it is back, once each.
void pool::note(const result<std::unique_ptr<connection>>& opened) {
  if (opened) {
    if (failures_ == 0) return;
    failures_ = 0;
    log::info({"job_store", "PostgreSQL", "connect", "recovered"});
    while (!waiting_.empty()) wake_one();  // each may open one now
    return;
  }
  if (failures_ == 0) log::error({"job_store", "PostgreSQL", "connect", "failed"}, {{"detail", opened.error().detail}});
  retry_at_ = clock_.now() + reconnecting.delay(failures_, system_random());
  ++failures_;
  last_failure_ = opened.error();
}

}  // namespace music::postgres
