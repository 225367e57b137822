#include "worker.hpp"

#include <music/base/hash.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <unordered_map>

namespace music {

task<result<batch_admission>> worker::submit_batch(std::vector<generate_request> requests, caller by,
                                                   std::optional<request_key> given_key) {
  if (engine_.draining) co_return error{errc::draining};
  if (requests.empty() || requests.size() > largest_batch) co_return error{errc::invalid_argument, "requests"};
  for (std::size_t place = 0; place < requests.size(); ++place) {
    const auto& wanted = requests[place].provider;
    if (wanted.empty() || music_.find(wanted) != nullptr) continue;
    co_return error{errc::invalid_argument, "requests[" + std::to_string(place) + "].provider"};
  }
  const auto size = requests.size();
  if (!take_slots(size)) co_return error{errc::queue_full};

  std::optional<idempotency> key;
  if (given_key) key = idempotency{by.name + ' ' + given_key->route, to_hex(sha256_of(given_key->text)), fingerprint(requests)};
  auto fresh = fresh_batch(std::move(requests), by.name);
  auto inserting = engine_.store.insert_batch(fresh, std::move(key));

  // As with a single job: nothing may come between the insert and the start.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  auto inserted = co_await std::move(inserting);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());

  note_store(inserted.has_value() || inserted.error().code != errc::store_unavailable);
  if (inserted.has_error() || inserted->replayed) engine_.active -= size;
  if (inserted.has_error()) co_return inserted.error();
  if (!inserted->replayed) co_return batch_admission{start_batch(std::move(fresh), inserted->lease), false};

  auto finding = find_batch(inserted->stored, std::move(by));
  auto earlier = co_await std::move(finding);
  if (earlier.has_error() && earlier.error().code == errc::not_found) co_return error{errc::key_spent};  // erased just now
  if (earlier.has_error()) co_return earlier.error();
  co_return batch_admission{std::move(*earlier), true};
}

std::vector<job> worker::fresh_batch(std::vector<generate_request> requests, const std::string& owner) const {
  const auto id = batch_id::make(engine_.random, clock_.wall_now(), requests.size());
  std::vector<job> fresh;
  fresh.reserve(requests.size());
  for (auto& request : requests) {
    auto& each = fresh.emplace_back(fresh_job(std::move(request), owner));
    each.id = id.job(fresh.size() - 1);
    each.batch = id;
  }
  return fresh;
}

/// One job after the other to each shard, beginning with this one. A job is its shard's before anybody knows of it, so that a
/// cancel, which is posted to that shard, comes after its start.
batch worker::start_batch(std::vector<job> fresh, lease_epoch lease) {
  batch started{fresh.front().batch, {}};
  for (auto& each : fresh) {
    const auto shard = (index_ + started.jobs.size()) % engine_.workers.size();
    const auto& shown = started.jobs.emplace_back(std::make_shared<const job>(std::move(each)));
    engine_.table.publish(shown);
    engine_.table.assign(shown->id.text(), shard);
    auto& chosen = *engine_.workers[shard];
    asio::post(chosen.get_executor(), [&chosen, shown, lease] { chosen.start(*shown, lease, {}, shown->version); });
  }
  return started;
}

task<result<batch>> worker::find_batch(batch_id id, caller by) {
  batch found{id, {}};
  std::unordered_map<std::string, std::size_t> not_in_memory;  // their ids, and their places
  for (std::size_t place = 0; place < id.size(); ++place) {
    const auto name = id.job(place).text();
    const auto& known = found.jobs.emplace_back(engine_.table.find(name));
    if (!known) not_in_memory.emplace(name, place);
  }
  if (!not_in_memory.empty()) {
    job_filter filter;
    filter.batch = id;
    filter.owner = by.name;
    filter.limit = id.size();
    auto stored = co_await engine_.store.select(std::move(filter));
    if (stored.has_error()) co_return stored.error();
    for (auto& each : *stored) {
      const auto at = not_in_memory.find(each.id.text());
      if (at != not_in_memory.end()) found.jobs[at->second] = std::make_shared<const job>(std::move(each));
    }
  }
  for (auto& each : found.jobs) {
    if (each && each->owner != by.name) each = nullptr;
  }
  const auto left = std::ranges::any_of(found.jobs, [](const job_ptr& each) { return each != nullptr; });
  if (!left) co_return error{errc::not_found};
  co_return found;
}

}  // namespace music
