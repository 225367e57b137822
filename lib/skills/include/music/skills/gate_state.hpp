#pragma once

/// Who may talk to an upstream now: a bound on songs at once, a token bucket and a circuit breaker, as a state machine.

#include <music/async/clock.hpp>
#include <music/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace music {

/// How much one upstream is asked, by all shards together.
struct gate_limits {
  std::size_t most_at_once = 0;          ///< songs in the making, or prompts being written; 0: no bound
  std::size_t burst = 0;                 ///< so many may begin in `per`; 0: no bound
  std::chrono::milliseconds per{0};
  int failures_to_open = 20;             ///< in a row, each of a call that was tried to the end; 0: the circuit stays closed
  std::chrono::milliseconds pause{10'000};          ///< how long an open circuit lets nobody through, the first time ...
  std::chrono::milliseconds longest_pause{300'000}; ///< ... and doubled at each probe that fails, at most so long
};

/// No lock, no I/O, no clock of its own: a test calls it with plain values.
///
/// Turns are fair between callers and oldest first: of those who wait, the caller that holds the fewest turns is next, then
/// the one that was served longest ago; of its jobs the oldest. A closed circuit opens after failures in a row; then, after
/// a pause, one turn at a time is given as a probe, and what comes of it closes the circuit or begins a longer pause.
class gate_state {
 public:
  using ticket = std::uint64_t;

  explicit gate_state(gate_limits limits) : limits_(limits), tokens_(static_cast<double>(limits.burst)) {}

  /// Someone waits; `since` is the age of its job.
  [[nodiscard]] ticket arrive(const std::string& caller, wall_time since);

  /// It waits no more. Nothing happens if it was admitted already.
  void leave(ticket who);

  /// Whose turn it is, if anybody's. Call it until it gives nothing.
  [[nodiscard]] std::optional<ticket> admit(time_point now);

  /// When time alone may let somebody in; nothing if that needs a release first, or nobody waits.
  [[nodiscard]] std::optional<time_point> next_chance(time_point now) const;

  /// A turn of this caller's has ended; `settled` if `succeeded` or `failed` told what came of it.
  void release(const std::string& caller, bool settled);

  /// What came of a turn's call: whether the upstream is well, not whether the call was granted.
  void succeeded() noexcept;
  void failed(time_point now) noexcept;

  /// Whether nobody is let through at present.
  [[nodiscard]] bool open(time_point now) const noexcept { return open_until_ && now < *open_until_; }

  [[nodiscard]] std::size_t waiting() const noexcept { return callers_by_ticket_.size(); }
  [[nodiscard]] std::size_t at_once() const noexcept { return at_once_; }

 private:
  struct caller_line {
    std::set<std::pair<wall_time, ticket>> waiting;  ///< oldest job first
    std::size_t held = 0;
    std::uint64_t served = 0;  ///< when it was last served, as a count
  };

  void refill(time_point now);
  [[nodiscard]] bool has_room(time_point now) const noexcept;
  void forget_if_idle(const std::string& caller);

  gate_limits limits_;
  std::map<std::string, caller_line> lines_;
  std::map<ticket, std::pair<std::string, wall_time>> callers_by_ticket_;
  ticket next_ticket_ = 1;
  std::uint64_t servings_ = 0;
  std::size_t at_once_ = 0;

  double tokens_;
  std::optional<time_point> refilled_at_;

  int failures_ = 0;
  int openings_ = 0;  ///< in a row
  std::optional<time_point> open_until_;
  bool probing_ = false;
};

}  // namespace music
