#include "pool_state.hpp"

#include <algorithm>

namespace music::net {

pool_state::ticket pool_state::enqueue(const pool_key& key, demand wants) {
  const auto who = next_ticket_++;
  sites_[key].waiting.push_back({.who = who, .wants = wants});
  return who;
}

void pool_state::withdraw(const pool_key& key, ticket who) {
  std::erase_if(sites_[key].waiting, [who](const waiter& one) { return one.who == who; });
  forget_if_unused(key);
}

pool_state::plan pool_state::schedule(time_point now, const alive_check& alive) {
  std::vector<site*> asking;
  for (auto& [key, at] : sites_) {
    if (!at.waiting.empty()) asking.push_back(&at);
  }
  std::ranges::sort(asking, {}, [](const site* at) { return at->waiting.front().who; });
  plan made;
  for (auto* at : asking) serve(*at, now, alive, made);
  return made;
}

void pool_state::serve(site& at, time_point now, const alive_check& alive, plan& into) {
  for (auto next = at.waiting.begin(); next != at.waiting.end();) {
    const auto reused = reuse(at, next->wants, now, alive, into);
    if (reused || open(at, into)) {
      into.grants.push_back({.who = next->who, .reuse = reused});
      next = at.waiting.erase(next);
      continue;
    }
    if (at.idle.empty()) return;  // nobody behind can fare better
    ++next;
  }
}

std::optional<pool_state::connection_id> pool_state::reuse(site& at, const demand& wants, time_point now,
                                                           const alive_check& alive, plan& into) {
  while (wants.reuse && !at.idle.empty()) {
    const auto newest = at.idle.back();
    const bool ended = outlived(newest, now);
    if (!ended && now - newest.since > wants.idle_at_most) return std::nullopt;
    at.idle.pop_back();
    if (!ended && alive(newest.id)) {
      ++at.in_use;
      return newest.id;
    }
    into.close.push_back(newest.id);
  }
  return std::nullopt;
}

bool pool_state::open(site& at, plan& into) {
  if (connecting_ >= limits_.max_connecting) return false;
  if (at.connections() >= limits_.max_per_origin) {
    if (at.idle.empty()) return false;
    into.close.push_back(at.idle.front().id);
    at.idle.pop_front();
  }
  ++at.connecting;
  ++connecting_;
  return true;
}

void pool_state::opened(const pool_key& key) {
  auto& at = sites_[key];
  --at.connecting;
  --connecting_;
  ++at.in_use;
}

void pool_state::open_failed(const pool_key& key) {
  --sites_[key].connecting;
  --connecting_;
  forget_if_unused(key);
}

void pool_state::parked(const pool_key& key, connection_id which, time_point born, time_point now) {
  auto& at = sites_[key];
  --at.in_use;
  at.idle.push_back({.id = which, .born = born, .since = now});
}

void pool_state::gone(const pool_key& key) {
  --sites_[key].in_use;
  forget_if_unused(key);
}

std::vector<pool_state::connection_id> pool_state::expire(time_point now) {
  std::vector<connection_id> ended;
  for (auto it = sites_.begin(); it != sites_.end();) {
    auto& at = it->second;
    const auto surplus = at.idle.size() - std::min(at.idle.size(), limits_.max_idle_per_origin);
    std::size_t seen = 0;
    std::erase_if(at.idle, [&](const idle_connection& one) {
      const bool ends = seen++ < surplus || outlived(one, now);
      if (ends) ended.push_back(one.id);
      return ends;
    });
    it = at.unused() ? sites_.erase(it) : std::next(it);
  }
  return ended;
}

std::vector<pool_state::connection_id> pool_state::clear_idle() {
  std::vector<connection_id> ended;
  for (auto it = sites_.begin(); it != sites_.end();) {
    for (const auto& one : it->second.idle) ended.push_back(one.id);
    it->second.idle.clear();
    it = it->second.unused() ? sites_.erase(it) : std::next(it);
  }
  return ended;
}

std::size_t pool_state::idle(const pool_key& key) const {
  const auto found = sites_.find(key);
  return found == sites_.end() ? 0 : found->second.idle.size();
}

std::size_t pool_state::waiting(const pool_key& key) const {
  const auto found = sites_.find(key);
  return found == sites_.end() ? 0 : found->second.waiting.size();
}

bool pool_state::outlived(const idle_connection& connection, time_point now) const noexcept {
  return now - connection.since >= limits_.max_idle || now - connection.born >= limits_.max_age;
}

void pool_state::forget_if_unused(const pool_key& key) {
  const auto found = sites_.find(key);
  if (found != sites_.end() && found->second.unused()) sites_.erase(found);
}

}  // namespace music::net
