// What only stores on PostgreSQL must do: share their jobs with others, and survive their server.

#include "audio_support.hpp"
#include "cutting_proxy.hpp"
#include "log_capture.hpp"
#include "postgres_schema.hpp"
#include "postgres_support.hpp"

#include <music/async/shard.hpp>

#include <boost/asio/detached.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <latch>
#include <mutex>
#include <set>

using namespace music;
using namespace music::test;

namespace {

/// Two instances of the service on one database.
struct two_instances {
  std::string database = fresh_database();
  postgres_stores first = opened(url_of(database));
  postgres_stores second = opened(url_of(database));

  std::string run(const std::string& statement) const { return postgres_server::shared().run(database, statement); }

  /// As if the holder of the job had said nothing for longer than its lease.
  void expire_holder_of(const job_id& id) const {
    run("UPDATE music_instances SET lease_until = now() - interval '1 second'"
        " WHERE id = (SELECT holder FROM music_jobs WHERE id = '" +
        id.text() + "')");
  }
};

lease_epoch insert(job_store& store, const job& fresh) { return await(store.insert(fresh, std::nullopt)).value().lease; }

/// Waits for what another thread tells.
class signal {
 public:
  void tell() {
    const std::lock_guard lock{mutex_};
    told_ = true;
    changed_.notify_all();
  }
  bool arrives() {
    std::unique_lock lock{mutex_};
    const bool told = changed_.wait_for(lock, std::chrono::seconds{20}, [this] { return told_; });
    told_ = false;
    return told;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool told_ = false;
};

}  // namespace

// --- leases -----------------------------------------------------------------------------------------------------------

TEST_CASE("a job is another's only when its holder has been silent for longer than its lease") {
  const two_instances both;
  seeded_random random{1};
  auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);
  CHECK(await(both.second.jobs->claim(10))->empty());

  both.expire_holder_of(stored.id);
  const auto claimed = await(both.second.jobs->claim(10)).value();

  REQUIRE(claimed.size() == 1);
  CHECK(claimed.front().state == stored);
  CHECK(claimed.front().lease == lease + 1);
  CHECK(claimed.front().crashes == 1);
  CHECK(await(both.first.jobs->claim(10))->empty());
}

TEST_CASE("a late writer is refused, learns that it lost the job, and changes nothing") {
  const two_instances both;
  seeded_random random{2};
  auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);
  both.expire_holder_of(stored.id);
  const auto claimed = await(both.second.jobs->claim(10)).value();
  REQUIRE(claimed.size() == 1);
  auto late = stored;
  late.status = job_status::running;
  ++late.version;

  CHECK(await(both.first.jobs->update(late, lease)).error().code == errc::lease_lost);
  const auto news = await(both.first.jobs->renew({stored.id})).value();

  CHECK(news.lost == std::vector{stored.id});
  CHECK(await(both.second.jobs->renew({stored.id}))->lost.empty());
  CHECK(*await(both.first.jobs->load(stored.id)) == stored);
  CHECK(await(both.second.jobs->update(ended_as(stored, job_status::success, 5000), claimed.front().lease)));
  late.version += 5;
  CHECK(await(both.first.jobs->update(late, lease)).error().code == errc::lease_lost);
}

TEST_CASE("an instance that renews keeps its jobs, and one that was silent keeps those that nobody took") {
  const two_instances both;
  seeded_random random{3};
  const auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);
  both.expire_holder_of(stored.id);

  const auto news = await(both.first.jobs->renew({stored.id})).value();

  CHECK(news.lost.empty());
  CHECK(await(both.second.jobs->claim(10))->empty());
  CHECK(await(both.first.jobs->update(stored, lease)));
}

TEST_CASE("crashes in a row are counted until a checkpoint or a release") {
  const two_instances both;
  seeded_random random{4};
  const auto stored = make_job(random, 1000);
  insert(*both.first.jobs, stored);
  job_store* const in_turn[]{both.second.jobs.get(), both.first.jobs.get()};
  lease_epoch lease = 0;
  for (int crashes = 1; crashes <= 3; ++crashes) {
    both.expire_holder_of(stored.id);
    const auto claimed = await(in_turn[(crashes + 1) % 2]->claim(10)).value();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed.front().crashes == crashes);
    lease = claimed.front().lease;
    REQUIRE(await(in_turn[(crashes + 1) % 2]->renew({})));
  }

  REQUIRE(await(both.second.jobs->update(stored, lease)));
  both.expire_holder_of(stored.id);
  CHECK(await(both.first.jobs->claim(10)).value().front().crashes == 1);
  REQUIRE(await(both.first.jobs->update(stored, lease + 1)));
  REQUIRE(await(both.first.jobs->release()));
  CHECK(await(both.second.jobs->claim(10)).value().front().crashes == 0);
}

TEST_CASE("a job that its instance does not know of is let go: its answer never arrived") {
  const two_instances both;
  seeded_random random{5};
  const auto known = make_job(random, 1000);
  const auto stray = make_job(random, 1001);
  insert(*both.first.jobs, known);
  insert(*both.first.jobs, stray);
  REQUIRE(await(both.first.jobs->renew({known.id})));
  CHECK(await(both.second.jobs->claim(10))->empty());  // it may be on its way

  both.run("UPDATE music_jobs SET held_since = held_since - interval '31 seconds'");
  REQUIRE(await(both.first.jobs->renew({known.id})));
  const auto claimed = await(both.second.jobs->claim(10)).value();

  REQUIRE(claimed.size() == 1);
  CHECK(claimed.front().state.id == stray.id);
  CHECK(claimed.front().crashes == 0);
}

TEST_CASE("a claim tells whether somebody left word to cancel the job") {
  const two_instances both;
  seeded_random random{18};
  const auto wanted = make_job(random, 1000);
  const auto unwanted = make_job(random, 1001);
  insert(*both.first.jobs, wanted);
  insert(*both.first.jobs, unwanted);
  REQUIRE(await(both.second.jobs->request_cancel(unwanted.id)));
  both.expire_holder_of(unwanted.id);

  const auto claimed = await(both.second.jobs->claim(10)).value();

  REQUIRE(claimed.size() == 2);
  CHECK_FALSE(claimed[0].cancel_requested);
  CHECK(claimed[1].cancel_requested);
}

TEST_CASE("a claim takes away the songs that a job had placed and not named, and no others") {
  const two_instances both;
  seeded_random random{19};
  auto fetching = make_job(random, 1000);
  auto generating = make_job(random, 1001);
  const auto lease = insert(*both.first.jobs, fetching);
  insert(*both.first.jobs, generating);
  const auto named = put(*both.first.audio, fetching.id, "came with the answer to its submission");
  const auto unnamed = put(*both.first.audio, fetching.id, "was to be named next");
  const auto to_be_found = put(*both.first.audio, generating.id, "is looked for when the job goes on");
  const auto of_nobody_else = put(*both.first.audio, some_job(20), "another job's");
  const auto upload = await(both.second.audio->create(fetching.id)).value();
  fetching.stage = job_stage::fetching;
  fetching.music.song_id = named.key;
  generating.stage = job_stage::submitting;
  generating.request.theme = R"("stage":"fetching")";
  for (auto* each : {&fetching, &generating}) {
    ++each->version;
    REQUIRE(await(both.first.jobs->update(*each, lease)));
  }
  both.expire_holder_of(fetching.id);

  REQUIRE(await(both.second.jobs->claim(10))->size() == 2);

  CHECK(await(both.second.audio->open(unnamed.key)).error().code == errc::not_found);
  for (const auto& kept : {named, to_be_found, of_nobody_else}) CHECK(await(both.second.audio->open(kept.key)));
  REQUIRE(await(upload->append("still under way")));
  CHECK(await(upload->commit()));
}

TEST_CASE("a record that cannot be read is reported, and hides no other job") {
  const two_instances both;
  seeded_random random{20};
  std::vector<job> stored;
  for (int i = 0; i < 3; ++i) {
    stored.push_back(make_job(random, 1000 + i));
    insert(*both.first.jobs, stored.back());
  }
  const auto broken = stored[1].id.text();
  both.run("UPDATE music_jobs SET record = replace(record, 'queued', 'unheard of') WHERE id = '" + broken + "'");
  both.expire_holder_of(stored[1].id);

  log_capture lines;
  CHECK(await(both.second.jobs->select({.limit = 2})).value() == std::vector{stored[2], stored[0]});
  const auto claimed = await(both.second.jobs->claim(10)).value();

  REQUIRE(claimed.size() == 2);
  CHECK(claimed[0].state == stored[0]);
  CHECK(claimed[1].state == stored[2]);
  const auto said = lines.text();
  CHECK(said.find("unreadable_record") != std::string::npos);
  CHECK(said.find(broken) != std::string::npos);
}

TEST_CASE("a job that was reopened and let go since is not reopened again") {
  const two_instances both;
  seeded_random random{21};
  const auto stored = make_job(random, 1000);
  insert(*both.first.jobs, stored);
  auto again = end_stored(*both.first.jobs, stored);
  const auto seen = again.version++;
  again.status = job_status::queued;
  const auto lease = await(both.first.jobs->reopen(again, seen)).value();
  CHECK(await(both.second.jobs->reopen(again, seen)).error().code == errc::conflict);
  CHECK(await(both.first.jobs->reopen(again, seen)).value() == lease);

  REQUIRE(await(both.first.jobs->release()));

  CHECK(await(both.first.jobs->reopen(again, seen)).error().code == errc::conflict);
  CHECK(await(both.second.jobs->claim(10))->size() == 1);
}

namespace {

/// What `count` racers claimed. The test waits for the latch.
struct claims {
  std::mutex mutex;
  std::vector<job_id> ids;
  std::latch done;
};

task<void> claim_all(job_store& store, claims& shared) {
  for (;;) {
    const auto some = co_await store.claim(7);
    if (!some || some->empty()) break;
    const std::lock_guard lock{shared.mutex};
    for (const auto& each : *some) shared.ids.push_back(each.state.id);
  }
  shared.done.count_down();
}

}  // namespace

TEST_CASE("racing instances claim each job once") {
  std::vector<std::unique_ptr<shard>> shards;  // outlive the stores
  for (std::size_t i = 0; i < 2; ++i) shards.push_back(std::make_unique<shard>(i));
  const two_instances both;
  seeded_random random{6};
  std::set<job_id> all;
  for (int i = 0; i < 100; ++i) {
    const auto fresh = make_job(random, 1000 + i);
    insert(*both.first.jobs, fresh);
    all.insert(fresh.id);
  }
  REQUIRE(await(both.first.jobs->release()));
  claims shared{{}, {}, std::latch{8}};

  for (std::size_t i = 0; i < 8; ++i) {
    auto& store = i % 2 == 0 ? *both.first.jobs : *both.second.jobs;
    asio::co_spawn(shards[i % 2]->get_executor(), claim_all(store, shared), asio::detached);
  }
  for (auto& each : shards) each->start();
  shared.done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  CHECK(shared.ids.size() == 100);
  CHECK(std::set<job_id>{shared.ids.begin(), shared.ids.end()} == all);
}

TEST_CASE("word to cancel reaches the holder, with a hint, until the job has ended") {
  signal hinted;
  const two_instances both;
  both.first.jobs->on_hint([&] { hinted.tell(); });
  REQUIRE(hinted.arrives());  // it listens now
  seeded_random random{7};
  const auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);

  REQUIRE(await(both.second.jobs->request_cancel(stored.id)));

  CHECK(hinted.arrives());
  CHECK(await(both.first.jobs->renew({stored.id}))->cancel_requested == std::vector{stored.id});
  const auto ended = ended_as(stored, job_status::canceled, 5000);
  REQUIRE(await(both.first.jobs->update(ended, lease)));
  CHECK(await(both.second.jobs->request_cancel(stored.id)));
  const auto news = await(both.first.jobs->renew({stored.id})).value();
  CHECK(news.cancel_requested.empty());
  CHECK(news.lost.empty());
}

TEST_CASE("what one instance releases the other is told of") {
  signal hinted;
  const two_instances both;
  both.second.jobs->on_hint([&] { hinted.tell(); });
  REQUIRE(hinted.arrives());
  seeded_random random{8};
  insert(*both.first.jobs, make_job(random, 1000));

  REQUIRE(await(both.first.jobs->release()));

  CHECK(hinted.arrives());
  CHECK(await(both.second.jobs->claim(10))->size() == 1);
}

TEST_CASE("a change that is overtaken by a later one of the same holder does not undo it") {
  const two_instances both;
  seeded_random random{9};
  auto earlier = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, earlier);
  earlier.version = 2;
  auto later = earlier;
  later.version = 3;
  later.prompt.text = "warm vinyl crackle";
  REQUIRE(await(both.first.jobs->update(later, lease)));

  CHECK(await(both.first.jobs->update(earlier, lease)));

  CHECK(*await(both.second.jobs->load(earlier.id)) == later);
}

TEST_CASE("an ended job never changes but by being reopened") {
  const two_instances both;
  seeded_random random{10};
  const auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);
  const auto ended = ended_as(stored, job_status::success, 5000);
  REQUIRE(await(both.first.jobs->update(ended, lease)));
  auto other = ended;
  other.status = job_status::error;

  CHECK(await(both.first.jobs->update(ended, lease)));
  CHECK(await(both.first.jobs->update(other, lease)).error().code == errc::lease_lost);

  CHECK(*await(both.second.jobs->load(stored.id)) == ended);
}

TEST_CASE("what one instance has taken of the outbox the other is not given until the hold ends") {
  const two_instances both;
  seeded_random random{17};
  const auto stored = make_job(random, 1000);
  const auto lease = insert(*both.first.jobs, stored);
  delivery told;
  told.id = "msg_1";
  told.owner = stored.owner;
  told.endpoint = R"({"url":"https://a.example/","quotes":"\\"})";
  told.body = R"({"type":"job.success","\u0000":"雨, {}"})";
  REQUIRE(await(both.first.jobs->update(stored, lease, {told})));
  const delivery_order now{.now = at(1000), .held_until = at(2000)};
  const delivery_order later{.now = at(2000), .held_until = at(3000)};

  const auto taken = await(both.first.jobs->deliveries().take_due(now)).value();

  REQUIRE(taken.size() == 1);
  CHECK(taken.front().endpoint == told.endpoint);
  CHECK(taken.front().body == told.body);
  CHECK(await(both.second.jobs->deliveries().take_due(now))->empty());
  CHECK(await(both.second.jobs->deliveries().take_due(later)).value() == taken);
}

// --- a server that goes away ------------------------------------------------------------------------------------------

TEST_CASE("a connection that is cut at its commit leaves no doubt") {
  const auto where = GENERATE(cut::before_server, cut::after_commit);
  const auto database = fresh_database();
  cutting_proxy proxy{postgres_server::shared().directory()};
  const auto stores = opened(postgres_server::url(database, proxy.directory()));
  seeded_random random{11};
  const idempotency key{"/generate", "key-1", "print"};
  auto stored = make_job(random, 1000);

  proxy.arm(where, stored.id.text());
  const auto inserted = await(stores.jobs->insert(stored, key));
  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
  CHECK(inserted->lease == 1);
  CHECK(proxy.cuts() == 1);

  stored.status = job_status::running;
  stored.version = 2;
  proxy.arm(where, stored.id.text());
  CHECK(await(stores.jobs->update(stored, inserted->lease)));
  CHECK(*await(stores.jobs->load(stored.id)) == stored);

  const auto ended = ended_as(stored, job_status::error, 5000);
  proxy.arm(where, stored.id.text());
  CHECK(await(stores.jobs->update(ended, inserted->lease)));

  auto again = ended;
  again.status = job_status::queued;
  ++again.version;
  proxy.arm(where, stored.id.text());
  CHECK(await(stores.jobs->reopen(again, ended.version)).value() == 2);
  CHECK(*await(stores.jobs->load(stored.id)) == again);

  const auto ended_again = ended_as(again, job_status::error, 5000);
  REQUIRE(await(stores.jobs->update(ended_again, 2)));
  proxy.arm(where, stored.id.text());
  CHECK(await(stores.jobs->erase(stored.id, at(2000))));
  CHECK(await(stores.jobs->load(stored.id)).error().code == errc::not_found);
  CHECK(proxy.cuts() == 5);
}

TEST_CASE("an unkeyed job is inserted once, however often the connection is cut") {
  const auto database = fresh_database();
  cutting_proxy proxy{postgres_server::shared().directory()};
  const auto stores = opened(postgres_server::url(database, proxy.directory()));
  seeded_random random{12};
  const auto stored = make_job(random, 1000);

  proxy.arm(cut::after_commit, stored.id.text(), 3);
  const auto inserted = await(stores.jobs->insert(stored, std::nullopt));

  REQUIRE(inserted);
  CHECK(proxy.cuts() == 3);
  CHECK(postgres_server::shared().run(database, "SELECT count(*) FROM music_jobs") == "1\n");
}

TEST_CASE("a batch is inserted once and whole, however often the connection is cut") {
  const auto where = GENERATE(cut::before_server, cut::after_commit);
  const auto keyed = GENERATE(false, true);
  const auto database = fresh_database();
  cutting_proxy proxy{postgres_server::shared().directory()};
  const auto stores = opened(postgres_server::url(database, proxy.directory()));
  seeded_random random{17};
  const auto fresh = make_batch(random, 1000, 20);
  std::optional<idempotency> key;
  if (keyed) key = idempotency{"alice POST /batches", "key-1", "print"};

  proxy.arm(where, fresh[9].id.text(), 3);
  const auto inserted = await(stores.jobs->insert_batch(fresh, key));

  REQUIRE(inserted);
  CHECK_FALSE(inserted->replayed);
  CHECK(inserted->stored == fresh.front().batch);
  CHECK(proxy.cuts() == 3);
  CHECK(postgres_server::shared().run(database, "SELECT count(*) FROM music_jobs") == "20\n");
  CHECK(await(stores.jobs->update(ended_as(fresh[9], job_status::error, 5000), inserted->lease)));
}

TEST_CASE("a batch is another's as soon as its holder lets go, and its key means the same there") {
  const auto database = fresh_database();
  const auto first = opened(url_of(database));
  const auto second = opened(url_of(database));
  seeded_random random{18};
  const auto fresh = make_batch(random, 1000, 100);
  const idempotency key{"alice POST /batches", "key-1", "print"};
  REQUIRE(await(first.jobs->insert_batch(fresh, key)));

  const auto replay = await(second.jobs->insert_batch(make_batch(random, 2000, 100), key));
  CHECK(await(second.jobs->claim(1000))->empty());
  REQUIRE(await(first.jobs->release()));

  CHECK(replay->stored == fresh.front().batch);
  CHECK(await(second.jobs->claim(1000))->size() == 100);
}

TEST_CASE("a database from before there were batches keeps its jobs and keys, and takes batches") {
  const auto database = fresh_database();
  seeded_random random{19};
  const auto stored = make_job(random, 1000, "alice");
  const idempotency known{"alice POST /generate", "key-1", "print"};
  REQUIRE(await(opened(url_of(database)).jobs->insert(stored, known)));
  postgres_server::shared().run(database,
                                "ALTER TABLE music_jobs DROP COLUMN batch_id; ALTER TABLE music_keys DROP COLUMN batch_id;"
                                " UPDATE music_schema SET version = 1");

  const auto stores = opened(url_of(database));

  CHECK(*await(stores.jobs->load(stored.id)) == stored);
  CHECK(await(stores.jobs->insert(make_job(random, 2000, "alice"), known))->replayed);
  const auto fresh = make_batch(random, 3000, 3);
  REQUIRE(await(stores.jobs->insert_batch(fresh, idempotency{"alice POST /batches", "key-1", "print"})));
  CHECK(*await(stores.jobs->load(fresh[2].id)) == fresh[2]);
}

namespace {

/// What was acknowledged while the server was restarted. The test waits for the latch.
struct traffic {
  std::mutex mutex;
  std::vector<job> acknowledged;
  std::latch warm;
  std::latch done;
  std::atomic<bool> enough{false};
};

/// Inserts and changes jobs one after another, whatever the server does.
task<void> keep_writing(job_store& store, std::uint64_t seed, traffic& shared) {
  seeded_random random{seed};
  for (int i = 0; !shared.enough; ++i) {
    auto fresh = make_job(random, 1000 + i);
    const auto inserted = co_await store.insert(fresh, std::nullopt);
    if (i == 0) shared.warm.count_down();
    if (!inserted) continue;
    fresh.version = 2;
    fresh.status = job_status::running;
    auto changed = fresh;
    const auto updated = co_await store.update(std::move(changed), inserted->lease);
    if (!updated) continue;
    const std::lock_guard lock{shared.mutex};
    shared.acknowledged.push_back(std::move(fresh));
  }
  shared.done.count_down();
}

}  // namespace

TEST_CASE("a server that crashes and comes back in the middle of traffic loses nothing that was acknowledged") {
  constexpr int writers = 12;
  std::vector<std::unique_ptr<shard>> shards;  // outlive the stores
  for (std::size_t i = 0; i < 2; ++i) shards.push_back(std::make_unique<shard>(i));
  auto& server = postgres_server::shared();
  const auto database = fresh_database();
  auto stores = opened(url_of(database));
  traffic shared{{}, {}, std::latch{writers}, std::latch{writers}};
  for (std::size_t i = 0; i < writers; ++i) {
    asio::co_spawn(shards[i % 2]->get_executor(), keep_writing(*stores.jobs, 100 + i, shared), asio::detached);
  }
  for (auto& each : shards) each->start();
  shared.warm.wait();

  for (int round = 0; round < 3; ++round) {
    server.stop_immediately();
    server.start();
  }
  shared.enough = true;
  shared.done.wait();
  for (auto& each : shards) each->release();
  for (auto& each : shards) each->join();

  CHECK(shared.acknowledged.size() > writers);
  std::size_t kept = 0;
  for (const auto& each : shared.acknowledged) {
    const auto loaded = await(stores.jobs->load(each.id));
    if (loaded && *loaded == each) ++kept;
  }
  CHECK(kept == shared.acknowledged.size());
}

TEST_CASE("while the server is away requests fail as unavailable, and afterwards they succeed") {
  auto& server = postgres_server::shared();
  const auto stores = opened(url_of(fresh_database()));
  seeded_random random{13};
  const auto stored = make_job(random, 1000);
  server.stop_immediately();

  const auto refused = await(stores.jobs->insert(stored, std::nullopt));
  const auto unreadable = await(stores.jobs->load(stored.id));
  server.start();

  CHECK(refused.error().code == errc::store_unavailable);
  CHECK(unreadable.error().code == errc::store_unavailable);
  CHECK(await(stores.jobs->insert(stored, std::nullopt)));
  CHECK(await(stores.jobs->load(stored.id)));
}

// --- opening ----------------------------------------------------------------------------------------------------------

TEST_CASE("what is not a PostgreSQL URL is refused without being quoted") {
  const auto url =
      GENERATE(as<std::string>{}, "sqlite", "http://music:test-password@db/music",
               "postgresql://music:test-password@db/music?no_such_option=1", "postgresql://music:test-password@[::1/music");

  const auto refused = check_postgres_url(url);
  const auto unopened = open_postgres_stores({.url = secret{url}});

  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("test-password") == std::string::npos);
  CHECK(unopened.error().code == errc::invalid_argument);
  CHECK(unopened.error().detail.find("test-password") == std::string::npos);
}

TEST_CASE("a server that cannot be reached is told without the password") {
  const auto refused = open_postgres_stores(
      {.url = secret{"postgresql://music:test-password@127.0.0.1:1/music"}, .start_patience = std::chrono::milliseconds{0}});

  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::store_unavailable);
  CHECK(refused.error().detail.find("127.0.0.1") != std::string::npos);
  CHECK(refused.error().detail.find("test-password") == std::string::npos);
}

TEST_CASE("a database that a later version wrote is refused and left as it was") {
  const auto database = fresh_database();
  opened(url_of(database));
  postgres_server::shared().run(database, "UPDATE music_schema SET version = 1000");

  const auto refused = open_postgres_stores({.url = secret{url_of(database)}});

  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("later version") != std::string::npos);
  CHECK(postgres_server::shared().run(database, "SELECT version FROM music_schema") == "1000\n");
}

TEST_CASE("instances that start together make the tables once") {
  const auto database = fresh_database();
  std::vector<postgres_stores> made(4);
  {
    std::vector<std::jthread> starting;
    for (auto& each : made) {
      starting.emplace_back([&each, &database] { each = opened(url_of(database), 2); });
    }
  }

  seeded_random random{14};
  insert(*made.front().jobs, make_job(random, 1000));
  CHECK(await(made.back().jobs->select({}))->size() == 1);
}

namespace {

task<void> read_setting(executor ex, music::clock& clock, std::string url, std::string& into) {
  const auto until = clock.now() + std::chrono::seconds{10};
  auto on = co_await postgres::connection::open(ex, clock, std::move(url), until);
  postgres::parameters none;
  auto shown = co_await (**on).execute("SELECT current_setting('synchronous_commit')", none, until);
  into = shown->text(0, 0);
}

}  // namespace

TEST_CASE("a session commits durably whatever the database's defaults are") {
  const auto database = fresh_database();
  postgres_server::shared().run(database, "ALTER DATABASE " + database + " SET synchronous_commit = off");
  asio::io_context loop{1};
  const auto clock = create_system_clock(loop.get_executor());
  std::string setting;
  asio::co_spawn(loop.get_executor(), read_setting(loop.get_executor(), *clock, url_of(database), setting), asio::detached);

  loop.run();

  CHECK(setting == "on");
}

// --- songs ------------------------------------------------------------------------------------------------------------

TEST_CASE("a song of many pieces is read by another instance, whole and in ranges") {
  const two_instances both;
  std::string bytes;
  seeded_random random{15};
  while (bytes.size() < 1'000'000) bytes += static_cast<char>(random.next() & 0xff);

  const auto stored = put(*both.first.audio, some_job(1), bytes);

  CHECK(get(*both.second.audio, stored.key, 0, bytes.size()) == bytes);
  for (const std::size_t offset : {0UL, 262'143UL, 262'144UL, 500'000UL, 999'999UL}) {
    CHECK(get(*both.second.audio, stored.key, offset, 300'000) == bytes.substr(offset, 300'000));
  }
}

TEST_CASE("a song goes with its job, and ends its reading") {
  const two_instances both;
  seeded_random random{16};
  const auto stored = make_job(random, 1000);
  insert(*both.first.jobs, stored);
  const auto song = put(*both.first.audio, stored.id, std::string(600'000, 'x'));
  const auto reader = await(both.second.audio->open(song.key)).value();
  REQUIRE(await(reader->read(0, 1000)));

  end_stored(*both.first.jobs, stored);
  REQUIRE(await(both.second.jobs->erase(stored.id, at(2000))));

  CHECK(await(reader->read(300'000, 1000)).error().code == errc::store_unavailable);
  CHECK(await(both.first.audio->open(song.key)).error().code == errc::not_found);
  CHECK(both.run("SELECT count(*) FROM music_audio_pieces") == "0\n");
}

TEST_CASE("a writer that is dropped leaves nothing") {
  auto database = fresh_database();
  {
    const auto stores = opened(url_of(database));
    const auto writer = await(stores.audio->create(some_job(2))).value();
    REQUIRE(await(writer->append(std::string(300'000, 'x'))));
    REQUIRE(postgres_server::shared().run(database, "SELECT count(*) FROM music_audio_pieces") == "1\n");
  }

  CHECK(postgres_server::shared().run(database, "SELECT count(*) FROM music_audio") == "0\n");
}

TEST_CASE("a writer that is dropped leaves nothing, however often the connection is cut meanwhile") {
  const auto database = fresh_database();
  cutting_proxy proxy{postgres_server::shared().directory()};
  {
    const auto stores = opened(postgres_server::url(database, proxy.directory()));
    const auto writer = await(stores.audio->create(some_job(2))).value();
    auto upload = postgres_server::shared().run(database, "SELECT id FROM music_audio");
    upload.pop_back();
    proxy.arm(cut::before_server, upload, 8);  // more often than one errand is tried
  }

  CHECK(proxy.cuts() == 8);
  CHECK(postgres_server::shared().run(database, "SELECT count(*) FROM music_audio") == "0\n");
}

TEST_CASE("uploads of instances that ended are swept, others and songs are kept, and a late writer is refused") {
  const two_instances both;
  const auto song = put(*both.first.audio, some_job(3), "a whole song");
  const auto dead = await(both.first.audio->create(some_job(4))).value();
  const auto alive = await(both.second.audio->create(some_job(5))).value();
  REQUIRE(await(dead->append(std::string(300'000, 'x'))));
  both.run(
      "UPDATE music_instances SET lease_until = now() - interval '1 second'"
      " WHERE id = (SELECT uploader FROM music_audio WHERE key IS NOT NULL)");

  both.run(postgres::upkeep());

  CHECK(both.run("SELECT count(*) FROM music_audio") == "2\n");
  CHECK(await(dead->append(std::string(300'000, 'x'))).error().code == errc::store_unavailable);
  CHECK(await(dead->commit()).error().code == errc::store_unavailable);
  REQUIRE(await(alive->append("another song")));
  CHECK(get(*both.first.audio, await(alive->commit()).value().key, 0, 100) == "another song");
  CHECK(get(*both.first.audio, song.key, 0, 100) == "a whole song");
}

TEST_CASE("a song whose upload is cut off again and again is whole") {
  const auto database = fresh_database();
  cutting_proxy proxy{postgres_server::shared().directory()};
  const auto stores = opened(postgres_server::url(database, proxy.directory()));
  const auto writer = await(stores.audio->create(some_job(6))).value();
  const std::string bytes = std::string(600'000, 'a') + "the end";

  proxy.arm(cut::after_commit, "the end", 2);
  REQUIRE(await(writer->append(bytes)));
  const auto stored = await(writer->commit());

  REQUIRE(stored);
  CHECK(proxy.cuts() == 2);
  CHECK(get(*stores.audio, stored->key, 0, bytes.size()) == bytes);
}
