#include "memory_outbox.hpp"
#include "memory_shelf.hpp"

#include <music/store/memory_store.hpp>

#include <algorithm>
#include <array>
#include <mutex>

namespace music {
namespace {

constexpr std::size_t shelf_count = 16;

/// What a key names, a job or a batch, and for which request.
struct named_job {
  job_id id;
  batch_id batch;
  std::string fingerprint;
  wall_time named_at;
};

/// A job that is not there any more, and the key that named it or its batch.
struct last_of_job {
  job_id id;
  batch_id batch;
  key_name key;
};

struct key_hash {
  std::size_t operator()(const key_name& name) const noexcept {
    const std::hash<std::string> hash;
    return hash(name.first) * 31 + hash(name.second);
  }
};

/// Jobs are spread over shelves by the hash of their id, keys over drawers by theirs, each with a lock of its own. Whoever
/// needs both locks takes the drawer's first, and whoever needs several shelves takes them in their order. No lock is held
/// across an await: nothing here suspends.
class memory_job_store final : public job_store {
 public:
  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    auto stored = std::make_shared<const job>(std::move(fresh));
    co_return key ? insert_keyed(std::move(stored), std::move(*key)) : insert_alone(std::move(stored), std::nullopt);
  }

  task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) override {
    std::vector<job_ptr> stored;
    stored.reserve(fresh.size());
    for (auto& each : fresh) stored.push_back(std::make_shared<const job>(std::move(each)));
    co_return key ? insert_keyed(stored, std::move(*key)) : insert_alone(stored, std::nullopt);
  }

  task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) override {
    auto stored = std::make_shared<const job>(std::move(changed));
    auto& at = shelf_of(stored->id);
    const std::lock_guard lock{at.mutex};
    auto replaced = at.jobs.replace(std::move(stored), lease);
    if (replaced && !told.empty()) outbox_.add(std::move(told));
    co_return replaced;
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

  task<result<void>> erase(job_id id, wall_time now) override {
    const auto last = take_out(id);
    if (last.has_error()) co_return last.error();
    if (*last) spend(**last, now);
    co_return result<void>{};
  }

  task<result<std::vector<claimed_job>>> claim(std::size_t limit) override {
    std::vector<job_id> unheld;
    for (auto& at : shelves_) {
      const std::lock_guard lock{at.mutex};
      std::ranges::move(at.jobs.unheld(), std::back_inserter(unheld));
    }
    std::ranges::sort(unheld);
    std::vector<claimed_job> claimed;
    for (auto id = unheld.begin(); id != unheld.end() && claimed.size() < limit; ++id) {
      auto& at = shelf_of(*id);
      const std::lock_guard lock{at.mutex};
      if (auto one = at.jobs.hold(*id)) claimed.push_back(std::move(*one));
    }
    co_return claimed;
  }

  task<result<void>> release() override {
    for (auto& at : shelves_) {
      const std::lock_guard lock{at.mutex};
      at.jobs.release();
    }
    co_return result<void>{};
  }

  task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) override {
    auto stored = std::make_shared<const job>(std::move(changed));
    auto& at = shelf_of(stored->id);
    const std::lock_guard lock{at.mutex};
    co_return at.jobs.reopen(std::move(stored), seen_version);
  }

  // One process alone can see this store: nothing is lost to others, and nobody else leaves word.
  task<result<renewal>> renew(std::vector<job_id>) override { co_return renewal{}; }
  task<result<void>> request_cancel(job_id) override { co_return result<void>{}; }
  bool shared() const noexcept override { return false; }
  outbox& deliveries() noexcept override { return outbox_; }
  void on_hint(std::function<void()>) override {}

 private:
  struct shelf {
    std::mutex mutex;
    memory_shelf jobs;
  };
  struct drawer {
    std::mutex mutex;
    std::unordered_map<key_name, named_job, key_hash> names;
    std::vector<key_name> spent;  ///< names whose job was erased

    void forget_spent(wall_time now) {
      std::erase_if(spent, [&](const key_name& each) {
        const auto named = names.find(each);
        if (named->second.named_at + key_retention > now) return false;
        names.erase(named);
        return true;
      });
    }
  };

  shelf& shelf_of(const job_id& id) { return shelves_[std::hash<job_id>{}(id) % shelf_count]; }
  drawer& drawer_of(const key_name& name) { return drawers_[key_hash{}(name) % shelf_count]; }

  result<insertion> insert_alone(job_ptr stored, std::optional<key_name> key) {
    auto& at = shelf_of(stored->id);
    const std::lock_guard lock{at.mutex};
    if (!at.jobs.insert(stored, std::move(key))) return error{errc::internal, "job store: the id is taken"};
    return insertion{*stored, false, 1};
  }

  /// All shelves are locked meanwhile, so that nobody sees a part of the batch.
  result<batch_insertion> insert_alone(const std::vector<job_ptr>& stored, const std::optional<key_name>& key) {
    std::vector<std::unique_lock<std::mutex>> locks;
    for (auto& at : shelves_) locks.emplace_back(at.mutex);
    const auto taken = [this](const job_ptr& each) { return shelf_of(each->id).jobs.find(each->id) != nullptr; };
    if (std::ranges::any_of(stored, taken)) return error{errc::internal, "job store: an id is taken"};
    for (const auto& each : stored) shelf_of(each->id).jobs.insert(each, key);
    return batch_insertion{stored.front()->batch, false, 1};
  }

  result<insertion> insert_keyed(job_ptr stored, idempotency key) {
    const key_name name{std::move(key.scope), std::move(key.key)};
    auto& at = drawer_of(name);
    const std::lock_guard lock{at.mutex};
    const auto known = at.names.find(name);
    if (known != at.names.end()) {
      if (known->second.fingerprint != key.fingerprint) return error{errc::key_reused};
      const auto earlier = find(known->second.id);
      if (earlier) return insertion{*earlier, true};
      if (known->second.named_at + key_retention > stored->created_at) return error{errc::key_spent};
      at.forget_spent(stored->created_at);
    }
    named_job named{stored->id, {}, std::move(key.fingerprint), stored->created_at};
    auto inserted = insert_alone(std::move(stored), name);
    if (inserted) at.names.emplace(name, std::move(named));
    return inserted;
  }

  result<batch_insertion> insert_keyed(const std::vector<job_ptr>& stored, idempotency key) {
    const key_name name{std::move(key.scope), std::move(key.key)};
    const auto now = stored.front()->created_at;
    auto& at = drawer_of(name);
    const std::lock_guard lock{at.mutex};
    const auto known = at.names.find(name);
    if (known != at.names.end()) {
      if (known->second.fingerprint != key.fingerprint) return error{errc::key_reused};
      if (any_left(known->second.batch)) return batch_insertion{known->second.batch, true};
      if (known->second.named_at + key_retention > now) return error{errc::key_spent};
      at.forget_spent(now);
    }
    auto inserted = insert_alone(stored, name);
    if (inserted) at.names.emplace(name, named_job{{}, inserted->stored, std::move(key.fingerprint), now});
    return inserted;
  }

  bool any_left(const batch_id& batch) {
    for (std::size_t place = 0; place < batch.size(); ++place) {
      if (find(batch.job(place))) return true;
    }
    return false;
  }

  job_ptr find(const job_id& id) {
    auto& at = shelf_of(id);
    const std::lock_guard lock{at.mutex};
    return at.jobs.find(id);
  }

  /// Nothing if no key named it. Error: `conflict`.
  result<std::optional<last_of_job>> take_out(const job_id& id) {
    auto& at = shelf_of(id);
    const std::lock_guard lock{at.mutex};
    const auto stored = at.jobs.find(id);
    if (stored && !stored->done()) return error{errc::conflict};
    outbox_.forget(id);
    auto key = at.jobs.erase(id);
    if (!key) return std::optional<last_of_job>{};
    return std::optional{last_of_job{id, stored->batch, std::move(*key)}};
  }

  /// The key is spent if it names nothing any more. Forgets it if it is old enough, and those that were spent earlier and are
  /// by now.
  void spend(const last_of_job& last, wall_time now) {
    auto& at = drawer_of(last.key);
    const std::lock_guard lock{at.mutex};
    const auto known = at.names.find(last.key);
    if (known != at.names.end() && names_nothing_without(last, known->second)) {
      // two jobs of a batch may be erased at once, and both find that no other is left
      if (std::ranges::find(at.spent, last.key) == at.spent.end()) at.spent.push_back(last.key);
    }
    at.forget_spent(now);
  }

  bool names_nothing_without(const last_of_job& last, const named_job& named) {
    if (last.batch.empty()) return named.id == last.id;
    return named.batch == last.batch && !any_left(last.batch);
  }

  /// The jobs that `select` gives, in no order. Each shelf offers its best `limit`, so the best of all are among them.
  std::vector<job_ptr> gather(const job_filter& filter) {
    auto found = filter.batch ? of_batch(filter) : of_all_shelves(filter);
    if (found.size() <= filter.limit) return found;
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(filter.limit);
    std::ranges::nth_element(found, end, [&](const job_ptr& a, const job_ptr& b) {
      if (filter.expired_before) return std::tie(*a->expires_at, a->id) < std::tie(*b->expires_at, b->id);
      return b->id < a->id;
    });
    found.erase(end, found.end());
    return found;
  }

  std::vector<job_ptr> of_all_shelves(const job_filter& filter) {
    std::vector<job_ptr> found;
    for (auto& at : shelves_) {
      const std::lock_guard lock{at.mutex};
      auto part = at.jobs.select(filter);
      std::ranges::move(part, std::back_inserter(found));
    }
    return found;
  }

  /// Its jobs are known by their names.
  std::vector<job_ptr> of_batch(const job_filter& filter) {
    std::vector<job_ptr> found;
    for (std::size_t place = 0; place < filter.batch->size(); ++place) {
      auto stored = find(filter.batch->job(place));
      if (stored && matches(*stored, filter)) found.push_back(std::move(stored));
    }
    return found;
  }

  std::array<shelf, shelf_count> shelves_;
  std::array<drawer, shelf_count> drawers_;
  memory_outbox outbox_;
};

}  // namespace

std::unique_ptr<job_store> create_memory_job_store() { return std::make_unique<memory_job_store>(); }

}  // namespace music
