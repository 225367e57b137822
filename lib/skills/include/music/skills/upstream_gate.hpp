#pragma once

/// The door to one upstream: jobs wait here for their turn before anything is sent.

#include <music/async/clock.hpp>
#include <music/async/event.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/skills/gate_state.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace music {

class upstream_gate;

/// Leave to talk to an upstream; given back when it is destroyed. The gate must outlive it. An empty one holds nothing.
class turn {
 public:
  turn() = default;
  turn(upstream_gate& gate, std::string caller) : gate_(&gate), caller_(std::move(caller)) {}
  turn(turn&& other) noexcept
      : gate_(std::exchange(other.gate_, nullptr)), caller_(std::move(other.caller_)), settled_(other.settled_) {}
  turn& operator=(turn&& other) noexcept;
  ~turn() { give_back(); }

  /// What came of the call: whether the upstream is well. A turn that nothing is said of counts neither way.
  void settle(bool well, time_point now);

  void give_back();

 private:
  upstream_gate* gate_ = nullptr;
  std::string caller_;
  bool settled_ = false;
};

/// Who asks for a turn.
struct turn_request {
  std::string caller;        ///< turns are fair between callers
  wall_time since{};         ///< the age of its job: the oldest goes first
  bool may_go_elsewhere = false;  ///< an open circuit is told at once instead of waited out
};

/// One for each upstream and process, shared by all shards; thread-safe. Must outlive its turns and its waiters.
class upstream_gate {
 public:
  explicit upstream_gate(gate_limits limits) : state_(limits) {}

  /// Waits for a turn. `stop` may be null. Cancelling the task leaves the line. Errors: `canceled`, `deadline_exceeded`,
  /// `unsupported` (the circuit is open and the caller may go elsewhere).
  [[nodiscard]] task<result<turn>> enter(turn_request who, clock& clock, time_point deadline, event* stop);

 private:
  friend class turn;
  class place;

  /// Somebody who waits, on its own shard. `wake` is replaced at every wait, because an event is set but once.
  struct waiter {
    executor ex;
    std::shared_ptr<event> wake;
    bool admitted = false;
  };

  enum class verdict : std::uint8_t { admitted, wait, closed };

  [[nodiscard]] verdict look(gate_state::ticket who, const turn_request& request, time_point now, time_point& until);
  void admit_all(time_point now);
  void wake(waiter& whom);
  void wake_somebody();
  void leave(gate_state::ticket who, const std::string& caller);
  void released(const std::string& caller, bool settled);
  void settled(bool well, time_point now);

  std::mutex mutex_;
  gate_state state_;
  std::map<gate_state::ticket, waiter> waiters_;
  gate_state::ticket timekeeper_ =
      0;  ///< the one waiter that sleeps until the next chance; the others sleep until they are woken
};

/// The gates of all upstreams by name; null for one without.
using find_gate = std::function<upstream_gate*(std::string_view upstream)>;

}  // namespace music
