#include "memory_shelf.hpp"

#include <algorithm>

namespace music {

bool matches(const job& candidate, const job_filter& filter) {
  if (filter.owner && candidate.owner != *filter.owner) return false;
  if (filter.status && candidate.status != *filter.status) return false;
  if (filter.batch && candidate.batch != *filter.batch) return false;
  if (filter.unfinished_only && candidate.done()) return false;
  if (filter.older_than && !(candidate.id < *filter.older_than)) return false;
  if (!filter.expired_before) return true;
  return candidate.done() && candidate.expires_at && *candidate.expires_at < *filter.expired_before;
}

bool memory_shelf::insert(job_ptr fresh, std::optional<key_name> key) {
  const auto [at, added] = jobs_.try_emplace(fresh->id);
  if (!added) return false;
  at->second = entry{.current = std::move(fresh), .key = std::move(key)};
  auto& owned = owned_[at->second.current->owner];
  owned.insert(owned.end(), &at->second);  // the newest, mostly
  index(at->second);
  return true;
}

result<void> memory_shelf::replace(job_ptr changed, lease_epoch lease) {
  const auto at = jobs_.find(changed->id);
  if (at == jobs_.end()) return error{errc::not_found};
  if (at->second.lease != lease) return error{errc::lease_lost};
  put(at->second, std::move(changed));
  return {};
}

result<lease_epoch> memory_shelf::reopen(job_ptr changed, std::uint64_t seen_version) {
  const auto at = jobs_.find(changed->id);
  if (at == jobs_.end()) return error{errc::not_found};
  auto& stored = at->second;
  const bool done_before =
      changed->version > seen_version && stored.held && !stored.current->done() && *stored.current == *changed;
  if (done_before) return stored.lease;
  if (!stored.current->done() || stored.current->version != seen_version) return error{errc::conflict};
  put(stored, std::move(changed));
  stored.held = true;
  return ++stored.lease;
}

std::vector<job_id> memory_shelf::unheld() const {
  std::vector<job_id> found;
  for (const auto* stored : unfinished_) {
    if (!stored->held) found.push_back(stored->current->id);
  }
  return found;
}

std::optional<claimed_job> memory_shelf::hold(const job_id& id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end() || at->second.held || at->second.current->done()) return std::nullopt;
  at->second.held = true;
  return claimed_job{*at->second.current, ++at->second.lease};
}

void memory_shelf::release() {
  for (auto& [id, stored] : jobs_) stored.held = false;
}

void memory_shelf::put(entry& stored, job_ptr changed) {
  unindex(stored);
  if (stored.current->owner != changed->owner) {
    owned_[stored.current->owner].erase(&stored);
    owned_[changed->owner].insert(&stored);
  }
  stored.current = std::move(changed);
  index(stored);
}

job_ptr memory_shelf::find(const job_id& id) const {
  const auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : at->second.current;
}

std::optional<key_name> memory_shelf::erase(const job_id& id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end()) return std::nullopt;
  auto& stored = at->second;
  unindex(stored);
  const auto owned = owned_.find(stored.current->owner);
  owned->second.erase(&stored);
  if (owned->second.empty()) owned_.erase(owned);
  auto key = std::move(stored.key);
  jobs_.erase(at);
  return key;
}

std::vector<job_ptr> memory_shelf::select(const job_filter& filter) const {
  if (filter.expired_before) return first_expired(filter);
  if (filter.unfinished_only || (filter.status && !ended(*filter.status))) return newest(unfinished_, filter);
  if (!filter.owner) return search(filter);
  const auto owned = owned_.find(*filter.owner);
  if (owned == owned_.end()) return {};
  return newest(owned->second, filter);
}

void memory_shelf::index(const entry& stored) {
  if (!stored.current->done()) {
    unfinished_.insert(unfinished_.end(), &stored);
  } else if (stored.current->expires_at) {
    expiring_.insert(expiring_.end(), &stored);
  }
}

void memory_shelf::unindex(const entry& stored) {
  if (!stored.current->done()) {
    unfinished_.erase(&stored);
  } else if (stored.current->expires_at) {
    expiring_.erase(&stored);
  }
}

std::vector<job_ptr> memory_shelf::newest(const ordered& among, const job_filter& filter) const {
  auto at = among.rbegin();
  if (filter.older_than) {
    auto bound = std::make_shared<job>();
    bound->id = *filter.older_than;
    const entry cursor{.current = std::move(bound), .key = std::nullopt};
    at = std::make_reverse_iterator(among.lower_bound(&cursor));
  }
  std::vector<job_ptr> found;
  for (; at != among.rend() && found.size() < filter.limit; ++at) {
    if (matches(*(*at)->current, filter)) found.push_back((*at)->current);
  }
  return found;
}

std::vector<job_ptr> memory_shelf::first_expired(const job_filter& filter) const {
  std::vector<job_ptr> found;
  for (const auto* stored : expiring_) {
    if (found.size() == filter.limit || *stored->current->expires_at >= *filter.expired_before) break;
    if (matches(*stored->current, filter)) found.push_back(stored->current);
  }
  return found;
}

std::vector<job_ptr> memory_shelf::search(const job_filter& filter) const {
  std::vector<job_ptr> found;
  for (const auto& [id, stored] : jobs_) {
    if (matches(*stored.current, filter)) found.push_back(stored.current);
  }
  return found;
}

}  // namespace music
