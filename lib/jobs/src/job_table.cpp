#include "job_table.hpp"

#include <boost/asio/post.hpp>

namespace music {

job_ptr job_table::find(std::string_view id) const {
  const auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  return found == part.jobs.end() ? nullptr : found->second.current;
}

std::optional<std::size_t> job_table::owner_shard(std::string_view id) const {
  const auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  return found == part.jobs.end() ? std::nullopt : found->second.shard;
}

std::vector<job_ptr> job_table::assigned() const {
  std::vector<job_ptr> found;
  for (const auto& part : stripes_) {
    const std::lock_guard lock{part.mutex};
    for (const auto& [id, slot] : part.jobs) {
      if (slot.shard) found.push_back(slot.current);
    }
  }
  return found;
}

void job_table::publish(job_ptr current) {
  auto& part = stripe_of(current->id.text());
  const std::lock_guard lock{part.mutex};
  auto& slot = part.jobs[current->id.text()];
  if (slot.current && slot.current->version > current->version) return;
  slot.current = std::move(current);
  wake(slot.watchers);
}

bool job_table::take(const job_ptr& seen, std::size_t shard) {
  auto& part = stripe_of(seen->id.text());
  const std::lock_guard lock{part.mutex};
  auto& slot = part.jobs[seen->id.text()];
  if (slot.shard || (slot.current && slot.current->version > seen->version)) return false;
  if (!slot.current) slot.current = seen;
  slot.shard = shard;
  return true;
}

void job_table::assign(std::string_view id, std::size_t shard) {
  auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  if (found != part.jobs.end()) found->second.shard = shard;
}

void job_table::release(std::string_view id) {
  auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  if (found == part.jobs.end()) return;
  found->second.shard.reset();
  if (!found->second.current->done()) return;
  part.ended.emplace_back(id);
  if (part.ended.size() <= most_ended_per_stripe) return;
  const auto oldest = part.jobs.find(part.ended.front());
  part.ended.pop_front();
  // A retried job stands in the line from its first end and runs again: it stays.
  if (oldest != part.jobs.end() && !oldest->second.shard && oldest->second.watchers.empty()) part.jobs.erase(oldest);
}

void job_table::remove(std::string_view id) {
  auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  if (found == part.jobs.end()) return;
  wake(found->second.watchers);
  part.jobs.erase(found);
}

void job_table::watch(std::string_view id, const std::shared_ptr<watcher>& waiting) {
  auto& part = stripe_of(id);
  const std::lock_guard lock{part.mutex};
  const auto found = part.jobs.find(id);
  if (found == part.jobs.end()) return;
  std::erase_if(found->second.watchers, [](const auto& old) { return old.expired(); });
  found->second.watchers.push_back(waiting);
}

void job_table::wake(std::vector<std::weak_ptr<watcher>>& watchers) {
  for (const auto& each : watchers) {
    if (auto waiting = each.lock()) {
      const auto ex = waiting->ex;
      asio::post(ex, [waiting = std::move(waiting)] { waiting->changed.set(); });
    }
  }
  watchers.clear();
}

}  // namespace music
