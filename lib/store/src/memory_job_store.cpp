#include "memory_shelf.hpp"

#include <music/store/memory_store.hpp>

#include <algorithm>
#include <array>
#include <mutex>

namespace music {
namespace {

constexpr std::size_t shelf_count = 16;

/// The job that a key names, and for which request.
struct named_job {
  job_id id;
  std::string fingerprint;
};

struct key_hash {
  std::size_t operator()(const key_name& name) const noexcept {
    const std::hash<std::string> hash;
    return hash(name.first) * 31 + hash(name.second);
  }
};

/// Jobs are spread over shelves by the hash of their id, keys over drawers by theirs, each with a lock of its own. Whoever
/// needs both locks takes the drawer's first. No lock is held across an await: nothing here suspends.
class memory_job_store final : public job_store {
 public:
  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    auto stored = std::make_shared<const job>(std::move(fresh));
    co_return key ? insert_keyed(std::move(stored), std::move(*key)) : insert_alone(std::move(stored), std::nullopt);
  }

  task<result<void>> update(job changed) override {
    auto stored = std::make_shared<const job>(std::move(changed));
    auto& at = shelf_of(stored->id);
    const std::lock_guard lock{at.mutex};
    if (!at.jobs.replace(std::move(stored))) co_return error{errc::not_found};
    co_return result<void>{};
  }

  task<result<job>> load(job_id id) override {
    const auto stored = find(id);
    if (!stored) co_return error{errc::not_found};
    co_return *stored;
  }

  task<result<std::vector<job>>> select(job_filter filter) override {
    auto found = gather(filter);
    std::ranges::sort(found, std::greater{}, [](const job_ptr& stored) -> const job_id& { return stored->id; });
    std::vector<job> page;
    page.reserve(found.size());
    for (const auto& stored : found) page.push_back(*stored);
    co_return page;
  }

  task<result<void>> erase(job_id id) override {
    const auto key = take_out(id);
    if (key) forget(*key, id);
    co_return result<void>{};
  }

 private:
  struct shelf {
    std::mutex mutex;
    memory_shelf jobs;
  };
  struct drawer {
    std::mutex mutex;
    std::unordered_map<key_name, named_job, key_hash> names;
  };

  shelf& shelf_of(const job_id& id) { return shelves_[std::hash<job_id>{}(id) % shelf_count]; }
  drawer& drawer_of(const key_name& name) { return drawers_[key_hash{}(name) % shelf_count]; }

  result<insertion> insert_alone(job_ptr stored, std::optional<key_name> key) {
    auto& at = shelf_of(stored->id);
    const std::lock_guard lock{at.mutex};
    if (!at.jobs.insert(stored, std::move(key))) return error{errc::internal, "job store: the id is taken"};
    return insertion{*stored, false};
  }

  result<insertion> insert_keyed(job_ptr stored, idempotency key) {
    const key_name name{std::move(key.scope), std::move(key.key)};
    auto& at = drawer_of(name);
    const std::lock_guard lock{at.mutex};
    const auto known = at.names.find(name);
    // a key whose job is gone is about to be forgotten by `erase`
    if (const auto earlier = known == at.names.end() ? nullptr : find(known->second.id)) {
      if (known->second.fingerprint != key.fingerprint) return error{errc::key_reused};
      return insertion{*earlier, true};
    }
    const auto id = stored->id;
    auto inserted = insert_alone(std::move(stored), name);
    if (inserted) at.names.insert_or_assign(name, named_job{id, std::move(key.fingerprint)});
    return inserted;
  }

  job_ptr find(const job_id& id) {
    auto& at = shelf_of(id);
    const std::lock_guard lock{at.mutex};
    return at.jobs.find(id);
  }

  std::optional<key_name> take_out(const job_id& id) {
    auto& at = shelf_of(id);
    const std::lock_guard lock{at.mutex};
    return at.jobs.erase(id);
  }

  void forget(const key_name& name, const job_id& id) {
    auto& at = drawer_of(name);
    const std::lock_guard lock{at.mutex};
    const auto known = at.names.find(name);
    if (known != at.names.end() && known->second.id == id) at.names.erase(known);  // the name may be another's by now
  }

  /// The jobs that `select` gives, in no order. Each shelf offers its best `limit`, so the best of all are among them.
  std::vector<job_ptr> gather(const job_filter& filter) {
    std::vector<job_ptr> found;
    for (auto& at : shelves_) {
      const std::lock_guard lock{at.mutex};
      auto part = at.jobs.select(filter);
      std::ranges::move(part, std::back_inserter(found));
    }
    if (found.size() <= filter.limit) return found;
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(filter.limit);
    std::ranges::nth_element(found, end, [&](const job_ptr& a, const job_ptr& b) {
      if (filter.expired_before) return std::tie(*a->expires_at, a->id) < std::tie(*b->expires_at, b->id);
      return b->id < a->id;
    });
    found.erase(end, found.end());
    return found;
  }

  std::array<shelf, shelf_count> shelves_;
  std::array<drawer, shelf_count> drawers_;
};

}  // namespace

std::unique_ptr<job_store> create_memory_job_store() { return std::make_unique<memory_job_store>(); }

}  // namespace music
