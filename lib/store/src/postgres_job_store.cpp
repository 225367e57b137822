#include "postgres_outbox.hpp"
#include "postgres_schema.hpp"
#include "postgres_stores.hpp"
#include "postgres_table.hpp"
#include "readable_page.hpp"

#include <music/store/job_record.hpp>

#include <algorithm>

namespace music::postgres {
namespace {

/// Records are encoded and decoded here, on the caller's shard.
class postgres_job_store final : public job_store {
 public:
  postgres_job_store(std::shared_ptr<client> database, holder_id me)
      : database_(std::move(database)), me_(std::move(me)), deliveries_(make_outbox(*database_)) {}

  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    insert_job errand{me_, make_row(fresh), std::move(key)};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    if (done->earlier.empty()) co_return insertion{std::move(fresh), false, done->lease};
    auto earlier = decode_job(done->earlier);
    if (!earlier) co_return earlier.error();
    co_return insertion{std::move(*earlier), true, 0};
  }

  task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) override {
    const auto batch = fresh.front().batch;
    insert_jobs errand{me_, batch, {}, std::move(key)};
    for (const auto& each : fresh) errand.jobs.push_back(make_row(each));
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    if (done->earlier.empty()) co_return batch_insertion{batch, false, 1};
    co_return batch_insertion{done->earlier, true};
  }

  task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) override {
    update_job errand{make_row(changed), lease, std::move(told)};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<job>> load(job_id id) override {
    load_job errand{std::move(id)};
    auto record = co_await database_->run(std::move(errand));
    if (!record) co_return record.error();
    co_return decode_job(*record);
  }

  task<result<std::vector<job>>> select(job_filter filter) override { return select_readable(*this, std::move(filter)); }

  task<result<std::vector<std::string>>> records(job_filter filter) {
    select_jobs errand{std::move(filter)};
    co_return co_await database_->run(std::move(errand));
  }

  task<result<void>> erase(job_id id, wall_time now) override {
    erase_job errand{std::move(id), now.time_since_epoch().count()};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<std::vector<claimed_job>>> claim(std::size_t limit) override {
    claim_jobs errand{me_, limit};
    auto claimed = co_await database_->run(std::move(errand));
    if (!claimed) co_return claimed.error();
    std::vector<claimed_job> mine;
    mine.reserve(claimed->size());
    for (const auto& each : *claimed) {
      auto decoded = decode_job_or_report(each.record);
      if (decoded) mine.push_back({std::move(*decoded), each.lease, each.crashes, each.cancel_requested});
    }
    std::ranges::sort(mine, {}, [](const claimed_job& each) -> const job_id& { return each.state.id; });
    co_return mine;
  }

  task<result<renewal>> renew(std::vector<job_id> held) override {
    renew_jobs errand{me_, std::move(held)};
    co_return co_await database_->run(std::move(errand));
  }

  task<result<void>> release() override {
    release_jobs errand{me_};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) override {
    reopen_job errand{me_, make_row(changed), seen_version};
    co_return co_await database_->run(std::move(errand));
  }

  task<result<void>> request_cancel(job_id id) override {
    ask_to_cancel errand{std::move(id)};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  outbox& deliveries() noexcept override { return *deliveries_; }

  bool shared() const noexcept override { return true; }

  void on_hint(std::function<void()> hint) override { database_->listen(hint_channel, std::move(hint)); }

 private:
  std::shared_ptr<client> database_;
  const holder_id me_;
  const std::unique_ptr<outbox> deliveries_;
};

}  // namespace

std::unique_ptr<job_store> make_job_store(std::shared_ptr<client> database, std::string holder) {
  return std::make_unique<postgres_job_store>(std::move(database), std::move(holder));
}

}  // namespace music::postgres
