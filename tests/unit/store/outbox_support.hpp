#pragma once

/// What the tests of the outboxes share.

#include "store_support.hpp"
#include "stores_under_test.hpp"

#include <string>
#include <vector>

namespace music::test {

/// A store of some kind and its outbox.
struct outbox_fixture {
  temporary_directory directory;
  std::string kind;
  std::unique_ptr<job_store> store;
  seeded_random random{1};

  explicit outbox_fixture(std::string which) : kind(std::move(which)) { open(); }

  void open() {
    store.reset();
    store = open_job_store(kind, directory.path());
  }
  [[nodiscard]] outbox& box() const { return store->deliveries(); }

  /// A job with these deliveries committed.
  job told(std::vector<delivery> deliveries, std::string owner = "alice") {
    const auto fresh = make_job(random, 1000, std::move(owner));
    REQUIRE(await(store->insert(fresh, std::nullopt)));
    tell(fresh, std::move(deliveries));
    return fresh;
  }

  void tell(const job& of, std::vector<delivery> deliveries) const {
    for (auto& each : deliveries) {
      each.job = of.id;
      each.owner = of.owner;
      each.id += of.id.text();
    }
    const auto stored = await(store->update(of, 1, std::move(deliveries)));
    REQUIRE(stored);
  }

  [[nodiscard]] std::vector<delivery> take(std::int64_t now, std::size_t limit = 32, std::size_t per_endpoint = 32,
                                           std::vector<std::string> busy = {}) const {
    delivery_order order{
        .now = at(now), .held_until = at(now + 60'000), .limit = limit, .per_endpoint = per_endpoint, .busy = std::move(busy)};
    return await(box().take_due(std::move(order))).value();
  }
};

inline delivery message(std::string id, std::string endpoint = "https://a.example/", std::int64_t due = 1000) {
  delivery made;
  made.id = std::move(id);
  made.version = 3;
  made.event = "job.success";
  made.endpoint = std::move(endpoint);
  made.body = R"({"type":"job.success","ü":"雨"})";
  made.created_at = at(due);
  made.due_at = at(due);
  return made;
}

inline std::vector<std::string> ids(const std::vector<delivery>& all) {
  std::vector<std::string> found;
  for (const auto& each : all) found.push_back(each.id.substr(0, each.id.find("job_")));
  return found;
}

inline delivery ended(delivery attempted, delivery_state state, std::int64_t now) {
  attempted.state = state;
  ++attempted.attempts;
  attempted.last_status = 200;
  attempted.ended_at = at(now);
  return attempted;
}

inline delivery postponed(delivery attempted, std::int64_t due) {
  ++attempted.attempts;
  attempted.due_at = at(due);
  return attempted;
}

using names = std::vector<std::string>;

}  // namespace music::test
