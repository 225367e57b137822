#include "pool_state.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::net;
using namespace std::chrono_literals;

namespace {

const time_point start{1h};
const pool_key site{.from = {.host = "a.example"}};
const pool_key other_site{.from = {.host = "b.example"}};
const auto all_alive = [](pool_state::connection_id) { return true; };

pool_limits small(std::size_t per_origin, std::size_t connecting) {
  return {.max_per_origin = per_origin, .max_idle_per_origin = 2, .max_connecting = connecting};
}

/// Opens one connection and parks it as idle with this id.
void add_idle(pool_state& pool, const pool_key& key, pool_state::connection_id id, time_point at, time_point born) {
  static_cast<void>(pool.enqueue(key, {.reuse = false}));
  REQUIRE(pool.schedule(at, all_alive).grants.size() == 1);
  pool.opened(key);
  pool.parked(key, id, born, at);
}

}  // namespace

TEST_CASE("an empty pool opens") {
  pool_state pool(small(2, 2));
  const auto who = pool.enqueue(site, {});

  const auto plan = pool.schedule(start, all_alive);

  REQUIRE(plan.grants.size() == 1);
  CHECK(plan.grants[0].who == who);
  CHECK_FALSE(plan.grants[0].reuse);
  CHECK(pool.connecting() == 1);
}

TEST_CASE("the connection used last is reused first") {
  pool_state pool(small(4, 4));
  add_idle(pool, site, 1, start, start);
  add_idle(pool, site, 2, start + 1s, start);
  static_cast<void>(pool.enqueue(site, {}));

  const auto plan = pool.schedule(start + 2s, all_alive);

  REQUIRE(plan.grants.size() == 1);
  CHECK(plan.grants[0].reuse == 2U);
}

TEST_CASE("a connection that died while idle is closed and the next one is used") {
  pool_state pool(small(4, 4));
  add_idle(pool, site, 1, start, start);
  add_idle(pool, site, 2, start, start);
  static_cast<void>(pool.enqueue(site, {}));

  const auto plan = pool.schedule(start, [](pool_state::connection_id id) { return id != 2; });

  CHECK(plan.close == std::vector<pool_state::connection_id>{2});
  REQUIRE(plan.grants.size() == 1);
  CHECK(plan.grants[0].reuse == 1U);
}

TEST_CASE("a connection idle for fifteen seconds or five minutes old is not used again") {
  pool_state idle_long(small(4, 4));
  add_idle(idle_long, site, 1, start, start);
  static_cast<void>(idle_long.enqueue(site, {}));
  pool_state old(small(4, 4));
  add_idle(old, site, 1, start + 300s, start);
  static_cast<void>(old.enqueue(site, {}));

  const auto first = idle_long.schedule(start + 15s, all_alive);
  const auto second = old.schedule(start + 300s, all_alive);

  CHECK(first.close == std::vector<pool_state::connection_id>{1});
  CHECK_FALSE(first.grants.at(0).reuse);
  CHECK(second.close == std::vector<pool_state::connection_id>{1});
  CHECK_FALSE(second.grants.at(0).reuse);
}

TEST_CASE("one that may not be replayed passes over a connection idle for long and leaves it to others") {
  pool_state pool(small(4, 4));
  add_idle(pool, site, 1, start, start);
  const auto paid = pool.enqueue(site, {.idle_at_most = 2s});
  const auto poll = pool.enqueue(site, {});

  const auto plan = pool.schedule(start + 3s, all_alive);

  REQUIRE(plan.grants.size() == 2);
  CHECK(plan.grants[0].who == paid);
  CHECK_FALSE(plan.grants[0].reuse);
  CHECK(plan.grants[1].who == poll);
  CHECK(plan.grants[1].reuse == 1U);
}

TEST_CASE("at the limit of an origin waiters are served in order as connections come back") {
  pool_state pool(small(1, 4));
  const auto first = pool.enqueue(site, {});
  const auto second = pool.enqueue(site, {});
  const auto third = pool.enqueue(site, {});

  const auto begun = pool.schedule(start, all_alive);
  pool.opened(site);
  const auto blocked = pool.schedule(start, all_alive);
  pool.parked(site, 7, start, start);
  const auto reused = pool.schedule(start, all_alive);
  pool.gone(site);
  const auto opened = pool.schedule(start, all_alive);

  REQUIRE(begun.grants.size() == 1);
  CHECK(begun.grants[0].who == first);
  CHECK(blocked.grants.empty());
  REQUIRE(reused.grants.size() == 1);
  CHECK(reused.grants[0].who == second);
  CHECK(reused.grants[0].reuse == 7U);
  REQUIRE(opened.grants.size() == 1);
  CHECK(opened.grants[0].who == third);
  CHECK_FALSE(opened.grants[0].reuse);
}

TEST_CASE("a waiter that gave up is not served") {
  pool_state pool(small(1, 4));
  static_cast<void>(pool.enqueue(site, {}));
  static_cast<void>(pool.schedule(start, all_alive));
  const auto impatient = pool.enqueue(site, {});
  const auto patient = pool.enqueue(site, {});

  pool.withdraw(site, impatient);
  pool.open_failed(site);
  const auto plan = pool.schedule(start, all_alive);

  REQUIRE(plan.grants.size() == 1);
  CHECK(plan.grants[0].who == patient);
}

TEST_CASE("only so many connect at once, over all origins, the oldest wish first") {
  pool_state pool(small(4, 1));
  static_cast<void>(pool.enqueue(other_site, {}));
  static_cast<void>(pool.schedule(start, all_alive));
  const auto b = pool.enqueue(other_site, {});
  const auto a = pool.enqueue(site, {});

  const auto blocked = pool.schedule(start, all_alive);
  pool.opened(other_site);
  const auto second = pool.schedule(start, all_alive);
  pool.open_failed(other_site);
  const auto third = pool.schedule(start, all_alive);

  CHECK(blocked.grants.empty());
  REQUIRE(second.grants.size() == 1);
  CHECK(second.grants[0].who == b);
  REQUIRE(third.grants.size() == 1);
  CHECK(third.grants[0].who == a);
}

TEST_CASE("a full origin closes its longest idle connection for one who needs a new one") {
  pool_state pool(small(2, 4));
  add_idle(pool, site, 1, start, start);
  add_idle(pool, site, 2, start + 1s, start);
  static_cast<void>(pool.enqueue(site, {.reuse = false}));

  const auto plan = pool.schedule(start + 2s, all_alive);

  CHECK(plan.close == std::vector<pool_state::connection_id>{1});
  CHECK(plan.grants.size() == 1);
  CHECK(pool.idle(site) == 1);
}

TEST_CASE("address policies do not share connections") {
  pool_state pool(small(4, 4));
  add_idle(pool, site, 1, start, start);
  auto guarded = site;
  guarded.policy = address_policy::public_only;
  static_cast<void>(pool.enqueue(guarded, {}));

  const auto plan = pool.schedule(start, all_alive);

  REQUIRE(plan.grants.size() == 1);
  CHECK_FALSE(plan.grants[0].reuse);
}

TEST_CASE("the sweep takes what is too old and what is too many, the oldest first") {
  pool_state pool(small(8, 8));
  add_idle(pool, site, 1, start, start);
  add_idle(pool, site, 2, start + 1s, start);
  add_idle(pool, site, 3, start + 2s, start);
  add_idle(pool, other_site, 4, start, start);

  CHECK(pool.expire(start + 3s) == std::vector<pool_state::connection_id>{1});
  CHECK(pool.expire(start + 16s) == std::vector<pool_state::connection_id>{2, 4});
  CHECK(pool.clear_idle() == std::vector<pool_state::connection_id>{3});
}
