#include <music/async/deadline.hpp>
#include <music/skills/upstream_gate.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace music {
namespace {

task<void> wait_for(std::shared_ptr<event> signal) { co_await signal->wait(use_task); }

}  // namespace

// --- the turn ---------------------------------------------------------------------------------------------------------

turn& turn::operator=(turn&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  gate_ = std::exchange(other.gate_, nullptr);
  caller_ = std::move(other.caller_);
  settled_ = other.settled_;
  return *this;
}

void turn::settle(bool well, time_point now) {
  if (gate_ != nullptr) gate_->settled(well, now);
  settled_ = true;
}

void turn::give_back() {
  if (auto* gate = std::exchange(gate_, nullptr)) gate->released(caller_, settled_);
}

// --- the gate ---------------------------------------------------------------------------------------------------------

/// A place in the line that is left however its task ends.
class upstream_gate::place {
 public:
  place(upstream_gate& gate, const turn_request& request, executor ex) : gate_(gate), caller_(request.caller) {
    const std::lock_guard lock{gate_.mutex_};
    ticket_ = gate_.state_.arrive(request.caller, request.since);
    gate_.waiters_.emplace(ticket_, waiter{ex, std::make_shared<event>(ex), false});
  }
  ~place() {
    if (!taken_) gate_.leave(ticket_, caller_);
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  [[nodiscard]] gate_state::ticket ticket() const noexcept { return ticket_; }

  /// The signal of the next wait.
  [[nodiscard]] std::shared_ptr<event> signal() {
    const std::lock_guard lock{gate_.mutex_};
    return gate_.waiters_.at(ticket_).wake;
  }

  /// The turn is its own from here on.
  [[nodiscard]] turn take() {
    const std::lock_guard lock{gate_.mutex_};
    gate_.waiters_.erase(ticket_);
    taken_ = true;
    return turn{gate_, caller_};
  }

 private:
  upstream_gate& gate_;
  std::string caller_;
  gate_state::ticket ticket_ = 0;
  bool taken_ = false;
};

task<result<turn>> upstream_gate::enter(turn_request who, clock& clock, time_point deadline, event* stop) {
  const auto ex = co_await asio::this_coro::executor;
  place mine{*this, who, ex};
  for (;;) {
    auto until = deadline;
    const auto now = clock.now();
    const auto verdict = look(mine.ticket(), who, now, until);
    if (verdict == verdict::admitted) co_return mine.take();
    if (verdict == verdict::closed) co_return error{errc::unsupported, "the circuit is open"};
    if (now >= deadline) co_return error{errc::deadline_exceeded};
    auto waiting = wait_for(mine.signal());
    const auto outcome = co_await run_guarded(clock, until, stop, std::move(waiting));
    if (outcome == guard_outcome::stopped) co_return error{errc::canceled};
  }
}

upstream_gate::verdict upstream_gate::look(gate_state::ticket who, const turn_request& request, time_point now,
                                           time_point& until) {
  const std::lock_guard lock{mutex_};
  if (timekeeper_ == who) timekeeper_ = 0;
  admit_all(now);
  auto& me = waiters_.at(who);
  if (me.admitted) {
    wake_somebody();  // who keeps the time now
    return verdict::admitted;
  }
  if (request.may_go_elsewhere && state_.open(now)) return verdict::closed;
  me.wake = std::make_shared<event>(me.ex);
  const auto chance = state_.next_chance(now);
  if (chance && timekeeper_ == 0) {
    timekeeper_ = who;
    until = earlier(until, *chance);
  }
  return verdict::wait;
}

void upstream_gate::admit_all(time_point now) {
  while (const auto next = state_.admit(now)) {
    auto& whom = waiters_.at(*next);
    whom.admitted = true;
    wake(whom);
  }
}

/// An event belongs to its shard: it is set there.
void upstream_gate::wake(waiter& whom) {
  asio::post(whom.ex, [signal = whom.wake] { signal->set(); });
}

/// Whoever is woken looks again, lets in all who may go, and keeps the time if somebody must.
void upstream_gate::wake_somebody() {
  const auto keeper = waiters_.find(timekeeper_);
  if (keeper != waiters_.end()) return wake(keeper->second);
  for (auto& [ticket, whom] : waiters_) {
    if (!whom.admitted) return wake(whom);
  }
}

void upstream_gate::leave(gate_state::ticket who, const std::string& caller) {
  const std::lock_guard lock{mutex_};
  const auto found = waiters_.find(who);
  const bool unused_turn = found->second.admitted;
  waiters_.erase(found);
  if (timekeeper_ == who) timekeeper_ = 0;
  if (unused_turn) state_.release(caller, false);
  else state_.leave(who);
  wake_somebody();
}

void upstream_gate::released(const std::string& caller, bool settled) {
  const std::lock_guard lock{mutex_};
  state_.release(caller, settled);
  wake_somebody();
}

void upstream_gate::settled(bool well, time_point now) {
  const std::lock_guard lock{mutex_};
  if (well) state_.succeeded();
  else state_.failed(now);
  wake_somebody();
}

}  // namespace music
