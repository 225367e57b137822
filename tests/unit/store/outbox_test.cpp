// What every outbox must do, run over each of them.

#include "outbox_support.hpp"

#include <algorithm>

using namespace music;
using namespace music::test;

#define EVERY_STORE GENERATE(from_range(job_store_kinds()))

TEST_CASE("a delivery that was committed with its job's change is given as it was") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({message("m1")});

  const auto taken = on.take(1000);

  REQUIRE(taken.size() == 1);
  auto expected = message("m1");
  expected.id += job.id.text();
  expected.job = job.id;
  expected.owner = "alice";
  CHECK(taken.front() == expected);
  CHECK(await(on.box().of_job(job.id)).value() == taken);
}

TEST_CASE("what a refused change would have told is not stored") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({});
  auto wrong = message("m1");
  wrong.job = job.id;

  CHECK(await(on.store->update(job, 99, {wrong})).error().code == errc::lease_lost);
  CHECK(await(on.store->update(make_job(on.random, 5), 1, {wrong})).error().code == errc::not_found);

  CHECK(on.take(1'000'000).empty());
}

TEST_CASE("a delivery that is told again is stored once, as it was first") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({message("m1")});
  auto later = message("m1");
  later.version = 9;

  on.tell(job, {later});

  const auto all = await(on.box().of_job(job.id)).value();
  REQUIRE(all.size() == 1);
  CHECK(all.front().version == 3);
}

TEST_CASE("what is taken is given to nobody else until the hold ends, and not before it is due") {
  outbox_fixture on{EVERY_STORE};
  on.told({message("m1", "https://a.example/", 2000)});

  CHECK(on.take(1999).empty());
  CHECK(on.take(2000).size() == 1);
  CHECK(on.take(2001).empty());
  CHECK(on.take(61'999).empty());
  CHECK(on.take(62'000).size() == 1);
}

TEST_CASE("of one job and endpoint only the earliest pending one is given") {
  outbox_fixture on{EVERY_STORE};
  on.told({message("m1"), message("other", "https://b.example/"), message("m2"), message("m3")});

  auto first = on.take(1000);
  CHECK(ids(first) == names{"m1", "other"});
  CHECK(on.take(1000).empty());
  REQUIRE(await(on.box().settle(ended(first[0], delivery_state::delivered, 1100))));
  auto second = on.take(1100);
  CHECK(ids(second) == names{"m2"});
  REQUIRE(await(on.box().settle(ended(second[0], delivery_state::dead, 1200))));

  CHECK(ids(on.take(1200)) == names{"m3"});
}

TEST_CASE("what comes after one that waits, waits with it, whenever it was told") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({message("m1"), message("m2")});
  const auto first = on.take(1000);

  REQUIRE(await(on.box().settle(postponed(first[0], 50'000))));
  on.tell(job, {message("m3", "https://a.example/", 2000)});

  CHECK(on.take(49'999).empty());
  CHECK(ids(on.take(50'000)) == names{"m1"});
  for (const auto& each : await(on.box().of_job(job.id)).value()) CHECK(each.due_at == at(50'000));
}

TEST_CASE("jobs do not wait for each other") {
  outbox_fixture on{EVERY_STORE};
  on.told({message("m1")});
  on.told({message("m2")});

  CHECK(on.take(1000).size() == 2);
}

TEST_CASE("limits are kept, for all, for each endpoint, and for those that are busy") {
  outbox_fixture on{EVERY_STORE};
  for (int i = 0; i < 10; ++i)
    on.told({message("a", "https://a.example/"), message("b", "https://b.example/"), message("c", "https://c.example/")});

  const auto taken = on.take(1000, 7, 3, {"https://a.example/"});

  const auto to = [&](std::string_view endpoint) { return std::ranges::count(taken, endpoint, &delivery::endpoint); };
  CHECK(taken.size() == 6);
  CHECK(to("https://a.example/") == 0);
  CHECK(to("https://b.example/") == 3);
  CHECK(on.take(1000, 0).empty());
  CHECK(on.take(1000, 4).size() == 4);
}

TEST_CASE("those that were due first come first") {
  outbox_fixture on{EVERY_STORE};
  on.told({message("late", "https://a.example/", 3000)});
  on.told({message("early", "https://a.example/", 2000)});

  CHECK(ids(on.take(4000)) == names{"early", "late"});
}

TEST_CASE("giving up on an endpoint ends what waits for it and nothing else") {
  outbox_fixture on{EVERY_STORE};
  const auto first = on.told({message("m1"), message("m2")});
  const auto second = on.told({message("m3"), message("other", "https://b.example/")});
  REQUIRE(await(on.box().settle(ended(on.take(1000, 1)[0], delivery_state::delivered, 1000))));

  REQUIRE(await(on.box().give_up("https://a.example/", at(2000))));

  const auto of_first = await(on.box().of_job(first.id)).value();
  CHECK(of_first[0].state == delivery_state::delivered);
  CHECK(of_first[1].state == delivery_state::dead);
  CHECK(of_first[1].ended_at == at(2000));
  CHECK(ids(on.take(100'000)) == names{"other"});
}

TEST_CASE("an ended delivery is made again for its owner, with fresh attempts, and a pending one is not") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({message("m1")});
  const auto taken = on.take(1000)[0];
  CHECK(await(on.box().redeliver(taken.id, "alice", at(1500))).error().code == errc::conflict);
  REQUIRE(await(on.box().settle(ended(taken, delivery_state::dead, 1600))));

  CHECK(await(on.box().redeliver(taken.id, "bob", at(2000))).error().code == errc::not_found);
  CHECK(await(on.box().redeliver("msg_unknown", "alice", at(2000))).error().code == errc::not_found);
  const auto again = await(on.box().redeliver(taken.id, "alice", at(2000)));

  REQUIRE(again);
  CHECK(again->state == delivery_state::pending);
  CHECK(again->attempts == 0);
  CHECK_FALSE(again->ended_at);
  CHECK(on.take(1999).empty());
  CHECK(on.take(2000)[0].body == taken.body);
}

TEST_CASE("erasing a job erases what was to be told of it") {
  outbox_fixture on{EVERY_STORE};
  const auto job = on.told({message("m1"), message("m2")});
  const auto taken = on.take(1000)[0];

  end_stored(*on.store, job);
  REQUIRE(await(on.store->erase(job.id, at(2000))));

  CHECK(await(on.box().of_job(job.id))->empty());
  CHECK(on.take(1'000'000).empty());
  CHECK(await(on.box().settle(postponed(taken, 5000))));
  CHECK(on.take(1'000'000).empty());
  CHECK(await(on.box().redeliver(taken.id, "alice", at(2000))).error().code == errc::not_found);
}
