#include "memory_outbox.hpp"

#include <algorithm>

namespace music {

void memory_outbox::add(std::vector<delivery> fresh) {
  const std::lock_guard lock{mutex_};
  for (auto& each : fresh) {
    if (!by_id_.emplace(each.id, next_).second) continue;
    auto& of_job = by_job_[each.job];
    // what comes after one that waits, waits with it
    for (const auto at : of_job) {
      const auto& other = entries_.at(at).what;
      const bool waiting = other.state == delivery_state::pending && other.endpoint == each.endpoint;
      if (waiting) each.due_at = std::max(each.due_at, other.due_at);
    }
    of_job.insert(next_);
    due_.emplace(each.due_at, next_);
    entries_.emplace(next_, entry{std::move(each), {}});
    ++next_;
  }
}

void memory_outbox::forget(const job_id& job) {
  const std::lock_guard lock{mutex_};
  const auto found = by_job_.find(job);
  if (found == by_job_.end()) return;
  for (const auto at : found->second) {
    const auto& what = entries_.at(at).what;
    due_.erase({what.due_at, at});
    by_id_.erase(what.id);
    entries_.erase(at);
  }
  by_job_.erase(found);
}

task<result<std::vector<delivery>>> memory_outbox::take_due(delivery_order order) { co_return take(order); }

std::vector<delivery> memory_outbox::take(const delivery_order& order) {
  const std::lock_guard lock{mutex_};
  std::map<std::string, std::size_t> given;
  for (const auto& endpoint : order.busy) given[endpoint] = order.per_endpoint;
  std::vector<delivery> taken;
  for (const auto& [due_at, at] : due_) {
    if (due_at > order.now || taken.size() == order.limit) break;
    auto& [what, held_until] = entries_.at(at);
    auto& to_this_endpoint = given[what.endpoint];
    if (held_until > order.now || to_this_endpoint >= order.per_endpoint || waits_for_another(at, what)) continue;
    ++to_this_endpoint;
    held_until = order.held_until;
    taken.push_back(what);
  }
  return taken;
}

bool memory_outbox::waits_for_another(position at, const delivery& what) const {
  return std::ranges::any_of(by_job_.at(what.job), [&](position earlier) {
    const auto& other = entries_.at(earlier).what;
    return earlier < at && other.state == delivery_state::pending && other.endpoint == what.endpoint;
  });
}

void memory_outbox::change(position at, const delivery& to) {
  auto& what = entries_.at(at).what;
  due_.erase({what.due_at, at});
  what.state = to.state;
  what.attempts = to.attempts;
  what.last_status = to.last_status;
  what.due_at = to.due_at;
  what.ended_at = to.ended_at;
  if (what.state == delivery_state::pending) due_.emplace(what.due_at, at);
}

task<result<void>> memory_outbox::settle(delivery attempted) {
  const std::lock_guard lock{mutex_};
  const auto found = by_id_.find(attempted.id);
  if (found == by_id_.end()) co_return result<void>{};
  change(found->second, attempted);
  entries_.at(found->second).held_until = {};
  if (attempted.state != delivery_state::pending) co_return result<void>{};
  for (const auto at : by_job_.at(attempted.job)) {
    auto other = entries_.at(at).what;
    if (other.state != delivery_state::pending || other.endpoint != attempted.endpoint) continue;
    other.due_at = std::max(other.due_at, attempted.due_at);
    change(at, other);
  }
  co_return result<void>{};
}

task<result<void>> memory_outbox::give_up(std::string endpoint, wall_time now) {
  const std::lock_guard lock{mutex_};
  for (auto& [at, each] : entries_) {
    if (each.what.state != delivery_state::pending || each.what.endpoint != endpoint) continue;
    auto dead = each.what;
    dead.state = delivery_state::dead;
    dead.ended_at = now;
    change(at, dead);
  }
  co_return result<void>{};
}

task<result<std::vector<delivery>>> memory_outbox::of_job(job_id job) {
  const std::lock_guard lock{mutex_};
  std::vector<delivery> all;
  const auto found = by_job_.find(job);
  if (found != by_job_.end()) {
    for (const auto at : found->second) all.push_back(entries_.at(at).what);
  }
  co_return all;
}

task<result<delivery>> memory_outbox::redeliver(std::string id, std::string owner, wall_time now) {
  const std::lock_guard lock{mutex_};
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || entries_.at(found->second).what.owner != owner) co_return error{errc::not_found};
  auto again = entries_.at(found->second).what;
  if (again.state == delivery_state::pending) co_return error{errc::conflict};
  again.state = delivery_state::pending;
  again.attempts = 0;
  again.due_at = now;
  again.ended_at.reset();
  change(found->second, again);
  co_return again;
}

}  // namespace music
