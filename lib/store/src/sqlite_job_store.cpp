#include "sqlite_writer.hpp"

#include <music/store/job_record.hpp>
#include <music/store/sqlite_store.hpp>

namespace music {
namespace {

/// The port over the writer thread. Records are encoded and decoded here, on the caller's shard.
class sqlite_job_store final : public job_store {
 public:
  sqlite_job_store(sqlite_options options, std::unique_ptr<sqlite::job_table> table)
      : writer_(std::move(options), std::move(table)) {}

  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    sqlite::order order = sqlite::insert_job{sqlite::make_row(fresh), std::move(key)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    if (!done->replayed) co_return insertion{std::move(fresh), false};
    auto earlier = decode_job(done->records.front());
    if (!earlier) co_return earlier.error();
    co_return insertion{std::move(*earlier), true};
  }

  task<result<void>> update(job changed) override {
    sqlite::order order = sqlite::update_job{sqlite::make_row(changed)};
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

  task<result<std::vector<job>>> select(job_filter filter) override {
    sqlite::order order = sqlite::select_jobs{std::move(filter)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    std::vector<job> page;
    page.reserve(done->records.size());
    for (const auto& record : done->records) {
      auto decoded = decode_job(record);
      if (!decoded) co_return decoded.error();
      page.push_back(std::move(*decoded));
    }
    co_return page;
  }

  task<result<void>> erase(job_id id) override {
    sqlite::order order = sqlite::erase_job{std::move(id)};
    auto done = co_await writer_.run(std::move(order));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

 private:
  sqlite::writer writer_;
};

}  // namespace

result<std::unique_ptr<job_store>> open_sqlite_job_store(sqlite_options options) {
  auto table = sqlite::job_table::open(options, sqlite::check::whole);
  if (!table) return table.error();
  std::unique_ptr<job_store> store = std::make_unique<sqlite_job_store>(std::move(options), std::move(*table));
  return store;
}

}  // namespace music
