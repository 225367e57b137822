#include "connection_pool.hpp"

#include <utility>

namespace music::net {
namespace {

constexpr std::size_t max_sessions = 64;  // origins that come from configuration are few

}  // namespace

void lease::end() noexcept {
  if (connection_) pool_->give_back(key_, std::move(connection_), born_, keep_);
}

/// A place in the queue, then a grant. Whatever was not taken when it ends goes back, so that a waiter who is cancelled in
/// the very turn of its grant loses nothing for the others.
class connection_pool::claim {
 public:
  claim(std::shared_ptr<connection_pool> pool, pool_key key, pool_state::demand wants)
      : pool_(std::move(pool)), key_(std::move(key)), ready_(pool_->dialer_.ex), ticket_(pool_->state_.enqueue(key_, wants)) {
    pool_->claims_.emplace(ticket_, this);
  }
  claim(const claim&) = delete;
  claim& operator=(const claim&) = delete;

  ~claim() {
    if (taken_) return;
    if (!granted_) {
      pool_->claims_.erase(ticket_);
      pool_->state_.withdraw(key_, ticket_);
    } else if (idle_.connection) {
      pool_->give_back(key_, std::move(idle_.connection), idle_.born, true);
      return;
    } else {
      pool_->state_.open_failed(key_);
    }
    pool_->pump();
  }

  void grant(parked_connection idle) {
    granted_ = true;
    idle_ = std::move(idle);
    ready_.set();
  }

  [[nodiscard]] event& ready() noexcept { return ready_; }
  [[nodiscard]] bool reuses() const noexcept { return idle_.connection != nullptr; }

  [[nodiscard]] lease take_idle() {
    taken_ = true;
    return {pool_, key_, std::move(idle_.connection), idle_.born, true};
  }

  [[nodiscard]] lease take_new(std::unique_ptr<transport> connection) {
    taken_ = true;
    ++pool_->opened_;
    pool_->state_.opened(key_);
    pool_->pump();  // the right to connect is free again
    return {pool_, key_, std::move(connection), pool_->dialer_.time.now(), false};
  }

 private:
  std::shared_ptr<connection_pool> pool_;
  pool_key key_;
  event ready_;
  pool_state::ticket ticket_;
  parked_connection idle_{};
  bool granted_ = false;
  bool taken_ = false;
};

task<result<lease>> connection_pool::acquire(pool_key key, pool_state::demand wants, std::chrono::milliseconds connect_timeout,
                                             time_point deadline) {
  claim waiting(shared_from_this(), key, wants);
  pump();
  if (!waiting.ready().is_set()) co_await waiting.ready().wait(use_task);
  if (waiting.reuses()) co_return waiting.take_idle();
  dial_target target{.to = key.from, .policy = key.policy, .session = session_for(key)};
  const auto until = earlier(deadline, dialer_.time.now() + connect_timeout);
  auto dialed = co_await dial(dialer_, std::move(target), until);
  if (!dialed) co_return dialed.error();
  co_return waiting.take_new(std::move(*dialed));
}

void connection_pool::give_back(const pool_key& key, std::unique_ptr<transport> connection, time_point born, bool keep) {
  if (retired_) return;
  if (keep && connection->is_open()) {
    const auto id = next_id_++;
    state_.parked(key, id, born, dialer_.time.now());
    parked_.emplace(id, parked_connection{.connection = std::move(connection), .born = born});
  } else {
    connection.reset();
    state_.gone(key);
  }
  pump();
}

void connection_pool::close(const std::vector<connection_id>& which) {
  for (const auto id : which) parked_.erase(id);
}

void connection_pool::pump() {
  if (retired_) return;
  const auto alive = [this](connection_id id) { return parked_.at(id).connection->quiet(); };
  const auto plan = state_.schedule(dialer_.time.now(), alive);
  close(plan.close);
  for (const auto& granted : plan.grants) {
    parked_connection idle;
    if (granted.reuse) idle = std::move(parked_.extract(*granted.reuse).mapped());
    claims_.extract(granted.who).mapped()->grant(std::move(idle));
  }
}

void connection_pool::sweep() {
  close(state_.expire(dialer_.time.now()));
  pump();
}

void connection_pool::close_idle() {
  close(state_.clear_idle());
  pump();
}

void connection_pool::retire() noexcept {
  retired_ = true;
  parked_.clear();
}

/// Sessions are resumed for configured upstreams only: a name from outside may be made to point elsewhere between two
/// connections, and a resumed session is not verified again.
std::shared_ptr<tls_session_slot> connection_pool::session_for(const pool_key& key) {
  if (key.policy != address_policy::any || key.from.scheme != scheme::https) return nullptr;
  const auto found = sessions_.find(key.from);
  if (found != sessions_.end()) return found->second;
  if (sessions_.size() >= max_sessions) return nullptr;
  return sessions_.emplace(key.from, std::make_shared<tls_session_slot>()).first->second;
}

}  // namespace music::net
