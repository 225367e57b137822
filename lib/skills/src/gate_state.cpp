#include <music/skills/gate_state.hpp>

#include <algorithm>

namespace music {
namespace {

using std::chrono::milliseconds;

constexpr double nearly_one = 1 - 1e-9;  ///< a token that time has filled up, whatever the rounding

/// The wait before the n-th probe in a row, from 0.
milliseconds pause_after(const gate_limits& limits, int openings) {
  auto pause = limits.pause;
  for (int i = 0; i < openings && pause < limits.longest_pause; ++i) pause *= 2;
  return std::min(pause, limits.longest_pause);
}

}  // namespace

gate_state::ticket gate_state::arrive(const std::string& caller, wall_time since) {
  const auto who = next_ticket_++;
  lines_[caller].waiting.emplace(since, who);
  callers_by_ticket_.emplace(who, std::pair{caller, since});
  return who;
}

void gate_state::leave(ticket who) {
  const auto found = callers_by_ticket_.find(who);
  if (found == callers_by_ticket_.end()) return;
  const auto [caller, since] = found->second;
  lines_[caller].waiting.erase({since, who});
  callers_by_ticket_.erase(found);
  forget_if_idle(caller);
}

std::optional<gate_state::ticket> gate_state::admit(time_point now) {
  refill(now);
  if (!has_room(now)) return std::nullopt;
  auto next = lines_.end();
  for (auto line = lines_.begin(); line != lines_.end(); ++line) {
    if (line->second.waiting.empty()) continue;
    const auto rank = [](const caller_line& of) { return std::pair{of.held, of.served}; };
    if (next == lines_.end() || rank(line->second) < rank(next->second)) next = line;
  }
  if (next == lines_.end()) return std::nullopt;
  auto& line = next->second;
  const auto who = line.waiting.begin()->second;
  line.waiting.erase(line.waiting.begin());
  callers_by_ticket_.erase(who);
  ++line.held;
  line.served = ++servings_;
  ++at_once_;
  if (limits_.burst > 0) tokens_ = std::max(0.0, tokens_ - 1);
  probing_ = open_until_.has_value();
  return who;
}

std::optional<time_point> gate_state::next_chance(time_point now) const {
  const bool full = limits_.most_at_once > 0 && at_once_ >= limits_.most_at_once;
  if (callers_by_ticket_.empty() || full || probing_) return std::nullopt;
  auto at = open_until_.value_or(now);
  if (limits_.burst > 0 && tokens_ < nearly_one) {
    const auto share = static_cast<double>(limits_.per.count()) / static_cast<double>(limits_.burst);
    const auto missing = milliseconds{static_cast<milliseconds::rep>(share * (1 - tokens_)) + 1};
    at = std::max(at, refilled_at_.value_or(now) + missing);
  }
  return std::max(at, now);
}

void gate_state::release(const std::string& caller, bool settled) {
  auto& line = lines_[caller];
  if (line.held > 0) --line.held;
  if (at_once_ > 0) --at_once_;
  if (!settled) probing_ = false;  // a probe that was not used: the next one may try
  forget_if_idle(caller);
}

void gate_state::succeeded() noexcept {
  failures_ = 0;
  openings_ = 0;
  open_until_.reset();
  probing_ = false;
}

void gate_state::failed(time_point now) noexcept {
  if (limits_.failures_to_open <= 0) return;
  ++failures_;
  if (failures_ < limits_.failures_to_open || open(now)) return;  // calls that were under way when it opened tell nothing new
  open_until_ = now + pause_after(limits_, openings_);
  ++openings_;
  probing_ = false;
}

void gate_state::refill(time_point now) {
  if (limits_.burst == 0) return;
  const auto since = refilled_at_.value_or(now);
  const auto passed = std::chrono::duration<double, std::milli>(now - since).count();
  const auto most = static_cast<double>(limits_.burst);
  tokens_ = std::min(most, tokens_ + most * passed / static_cast<double>(limits_.per.count()));
  refilled_at_ = now;
}

bool gate_state::has_room(time_point now) const noexcept {
  if (limits_.most_at_once > 0 && at_once_ >= limits_.most_at_once) return false;
  if (limits_.burst > 0 && tokens_ < nearly_one) return false;
  return !open(now) && !(open_until_ && probing_);
}

void gate_state::forget_if_idle(const std::string& caller) {
  const auto found = lines_.find(caller);
  if (found != lines_.end() && found->second.waiting.empty() && found->second.held == 0) lines_.erase(found);
}

}  // namespace music
