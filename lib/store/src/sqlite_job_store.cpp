#include "readable_page.hpp"
#include "sqlite_writer.hpp"

#include <music/base/ids.hpp>
#include <music/base/log.hpp>
#include <music/store/job_record.hpp>
#include <music/store/sqlite_store.hpp>

#include <algorithm>

namespace music {
namespace {

/// The outbox over the same thread.
class sqlite_outbox final : public outbox {
 public:
  explicit sqlite_outbox(sqlite::writer& writer) : writer_(writer) {}

  task<result<std::vector<delivery>>> take_due(delivery_order order) override {
    return list(sqlite::take_deliveries{std::move(order)});
  }
  task<result<void>> settle(delivery attempted) override { return change(sqlite::settle_delivery{std::move(attempted)}); }
  task<result<void>> give_up(std::string endpoint, wall_time now) override {
    return change(sqlite::give_up_deliveries{std::move(endpoint), now});
  }
  task<result<std::vector<delivery>>> of_job(job_id job) override { return list(sqlite::load_deliveries{std::move(job)}); }

  task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) override {
    sqlite::order order = sqlite::redeliver{std::move(id), std::move(owner), now};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return std::move(done->deliveries.front());
  }

 private:
  task<result<std::vector<delivery>>> list(sqlite::order order) {
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return std::move(done->deliveries);
  }

  task<result<void>> change(sqlite::order order) {
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  sqlite::writer& writer_;
};

/// The port over the writer thread. Records are encoded and decoded here, on the caller's shard.
class sqlite_job_store final : public job_store {
 public:
  sqlite_job_store(sqlite_options options, std::string holder, std::unique_ptr<sqlite::job_table> table)
      : writer_(std::move(options), std::move(holder), std::move(table)) {}

  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    sqlite::order order = sqlite::insert_job{sqlite::make_row(fresh), std::move(key)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    if (!done->replayed) co_return insertion{std::move(fresh), false, 1};
    auto earlier = decode_job(done->records.front());
    if (!earlier) co_return earlier.error();
    co_return insertion{std::move(*earlier), true};
  }

  task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) override {
    sqlite::insert_jobs all{{}, std::move(key)};
    for (const auto& each : fresh) all.rows.push_back(sqlite::make_row(each));
    sqlite::order order = std::move(all);
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    if (done->replayed) co_return batch_insertion{done->batch, true};
    co_return batch_insertion{fresh.front().batch, false, 1};
  }

  task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) override {
    sqlite::order order = sqlite::update_job{sqlite::make_row(changed), lease, std::move(told)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<job>> load(job_id id) override {
    sqlite::order order = sqlite::load_job{std::move(id)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return decode_job(done->records.front());
  }

  task<result<std::vector<job>>> select(job_filter filter) override { return select_readable(*this, std::move(filter)); }

  task<result<std::vector<std::string>>> records(job_filter filter) {
    sqlite::order order = sqlite::select_jobs{std::move(filter)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return std::move(done->records);
  }

  task<result<void>> erase(job_id id, wall_time now) override {
    sqlite::order order = sqlite::erase_job{std::move(id), now.time_since_epoch().count()};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<std::vector<claimed_job>>> claim(std::size_t limit) override {
    sqlite::order order = sqlite::claim_jobs{limit};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    std::vector<claimed_job> claimed;
    claimed.reserve(done->records.size());
    for (std::size_t i = 0; i < done->records.size(); ++i) {
      auto decoded = decode_job_or_report(done->records[i]);
      if (decoded) claimed.push_back({std::move(*decoded), done->claims[i].lease, done->claims[i].crashes});
    }
    // RETURNING knows no order
    std::ranges::sort(claimed, {}, [](const claimed_job& one) -> const job_id& { return one.state.id; });
    co_return claimed;
  }

  task<result<void>> release() override {
    sqlite::order order = sqlite::release_jobs{};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) override {
    sqlite::order order = sqlite::reopen_job{sqlite::make_row(changed), seen_version};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return done->claims.front().lease;
  }

  // The database is locked against every other process: nothing is lost to others, and nobody else leaves word.
  task<result<renewal>> renew(std::vector<job_id>) override { co_return renewal{}; }
  task<result<void>> request_cancel(job_id) override { co_return result<void>{}; }
  bool shared() const noexcept override { return false; }
  outbox& deliveries() noexcept override { return outbox_; }
  void on_hint(std::function<void()>) override {}

 private:
  sqlite::writer writer_;
  sqlite_outbox outbox_{writer_};
};

}  // namespace

result<std::unique_ptr<job_store>> open_sqlite_job_store(sqlite_options options) {
  auto holder = make_request_id(system_random());
  auto table = sqlite::job_table::open(options, holder, sqlite::check::whole);
  if (!table && table.error().code == errc::internal) {
    const auto aside = sqlite::set_aside(options.directory);
    if (!aside) return aside.error();
    log::error({"job_store", "SQLite", "open", "damaged"}, {{"detail", table.error().detail}, {"set_aside_as", aside->string()}});
    table = sqlite::job_table::open(options, holder, sqlite::check::whole);
  }
  if (!table) return table.error();
  std::unique_ptr<job_store> store = std::make_unique<sqlite_job_store>(std::move(options), std::move(holder), std::move(*table));
  return store;
}

}  // namespace music
