#include "sqlite_writer.hpp"

#include <music/base/log.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace music::sqlite {
namespace {

using namespace std::chrono_literals;

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};

/// Slow disks only: a pause that is shorter than a wake-up gathers nobody.
constexpr auto shortest_pause = 100us;

result<answer> with_deliveries(result<std::vector<delivery>> found) {
  if (!found) return found.error();
  answer given;
  given.deliveries = std::move(*found);
  return given;
}

result<answer> with_delivery(result<delivery> found) {
  if (!found) return found.error();
  answer given;
  given.deliveries.push_back(std::move(*found));
  return given;
}

result<answer> with_nothing(const result<void>& done) {
  if (!done) return done.error();
  return answer{};
}

/// Shares one post for each shard among those who are answered.
void answer_all(const std::vector<std::shared_ptr<request>>& answered) { complete_all({answered.begin(), answered.end()}); }

}  // namespace

result<void> request::execute(job_table& table) {
  outcome_ = perform(table);
  if (!outcome_ && outcome_.error().code == errc::store_unavailable) return outcome_.error();
  return {};
}

void request::confirm(job_table& table) {
  if (const auto* reopen = std::get_if<reopen_job>(&what_)) {
    if (auto mine = table.reopened(reopen->row)) outcome_ = std::move(mine);
    return;
  }
  if (in_effect(table)) outcome_ = answer{};
}

std::vector<job_id> request::inserts() const {
  if (const auto* insert = std::get_if<insert_job>(&what_)) return {insert->row.id};
  std::vector<job_id> ids;
  if (const auto* insert = std::get_if<insert_jobs>(&what_)) {
    for (const auto& row : insert->rows) ids.push_back(row.id);
  }
  return ids;
}

result<answer> request::perform(job_table& table) {
  const overloaded by_kind{
      [&](const insert_job& insert) { return table.insert(insert.row, insert.key); },
      [&](const insert_jobs& insert) { return table.insert_batch(insert.rows, insert.key); },
      [&](const update_job& update) { return table.update(update.row, update.lease, update.told); },
      [&](const reopen_job& reopen) { return table.reopen(reopen.row, reopen.seen_version); },
      [&](const erase_job& erase) { return table.erase(erase.id, erase.now); },
      [&](const claim_jobs& claim) { return table.claim(claim.limit); },
      [&](const release_jobs&) { return table.release(); },
      [&](const load_job& load) { return table.load(load.id); },
      [&](const select_jobs& select) { return table.select(select.filter); },
      [&](const take_deliveries& take) { return with_deliveries(table.deliveries().take_due(take.wanted)); },
      [&](const settle_delivery& settle) { return with_nothing(table.deliveries().settle(settle.attempted)); },
      [&](const give_up_deliveries& give_up) { return with_nothing(table.deliveries().give_up(give_up.endpoint, give_up.now)); },
      [&](const redeliver& again) { return with_delivery(table.deliveries().redeliver(again.id, again.owner, again.now)); },
      [&](const load_deliveries& load) { return with_deliveries(table.deliveries().of_job(load.job)); },
  };
  return std::visit(by_kind, what_);
}

bool request::in_effect(job_table& table) const {
  const overloaded by_kind{
      [&](const insert_job& insert) { return table.load(insert.row.id).has_value(); },
      [&](const insert_jobs& insert) {
        return std::ranges::all_of(insert.rows, [&](const job_row& row) { return table.load(row.id).has_value(); });
      },
      [&](const update_job& update) {
        const auto now = table.load(update.row.id);
        return now && now->records.front() == update.row.record;
      },
      [&](const erase_job& erase) {
        const auto now = table.load(erase.id);
        return !now && now.error().code == errc::not_found;
      },
      [](const reopen_job&) { return false; },  // `confirm` asks for its lease
      // Not told apart from somebody else's: these are asked for again, or the start fails.
      [](const claim_jobs&) { return false; },
      [](const release_jobs&) { return false; },
      [](const load_job&) { return false; },
      [](const select_jobs&) { return false; },
      // Settled again by who asked, with the same outcome.
      [](const take_deliveries&) { return false; },
      [](const settle_delivery&) { return false; },
      [](const give_up_deliveries&) { return false; },
      [](const redeliver&) { return false; },
      [](const load_deliveries&) { return false; },
  };
  return std::visit(by_kind, what_);
}

writer::writer(sqlite_options options, std::string holder, std::unique_ptr<job_table> table)
    : options_(std::move(options)), holder_(std::move(holder)), table_(std::move(table)), thread_([this] { loop(); }) {}

writer::~writer() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  work_.notify_one();
  thread_.join();
}

task<result<answer>> writer::run(order what) {
  auto queued = std::make_shared<request>(std::move(what));
  const auto ex = co_await asio::this_coro::executor;
  auto initiate = [this, ex, queued](auto handler) {
    pending::arm(queued, ex, pending::completion{std::move(handler)});
    if (push(queued)) return;
    queued->fail({errc::store_unavailable, "job store: too many requests wait"});
    complete_all({queued});
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<executor>&, void(boost::system::error_code)>(initiate, use_task);
  co_return queued->take();
}

bool writer::push(request_ptr what) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (queue_.size() >= options_.most_queued) return false;
    queue_.push_back(std::move(what));
    wake = std::exchange(asleep_, false);
  }
  if (wake) work_.notify_one();
  return true;
}

void writer::loop() {
  for (auto all = take(); !all.empty(); all = take()) serve(all);
  if (table_) note(table_->empty_log());
  table_.reset();
}

/// Everything that waits; nothing once the store ends. Those who were just answered come back a moment later: on a slow disk
/// it pays to wait for them for a tenth of a commit, or half of them would always meet the commit after the next (with 2 ms
/// for each fsync 0.72-0.80 of what is possible instead of 0.62, measured 2026-11).
writer::batch writer::take() {
  std::unique_lock lock{mutex_};
  asleep_ = true;
  work_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  asleep_ = false;
  const auto pause = commit_time_ / 10;
  if (queue_.size() > 1 && pause >= shortest_pause) work_.wait_for(lock, pause, [this] { return ending_; });
  return std::exchange(queue_, {});
}

void writer::serve(const batch& all) {
  if (!usable()) return answer_all(all);
  batch reads;
  batch writes;
  for (const auto& one : all) (one->reads() ? reads : writes).push_back(one);
  for (const auto& one : reads) static_cast<void>(one->execute(*table_));
  answer_all(reads);
  if (!writes.empty()) write(writes);
}

void writer::write(const batch& writes) {
  switch (transact(writes)) {
    case fate::committed: break;
    case fate::rolled_back: write_one_by_one(writes); break;
    case fate::unknown: find_out(writes); break;
  }
  batch erased;
  batch others;
  for (const auto& one : writes) (one->erases() ? erased : others).push_back(one);
  answer_all(others);
  if (!erased.empty()) {
    scrub(erased);
    answer_all(erased);
  } else if (table_) {
    note(table_->shorten_log());
  }
}

/// One request's failure must not be everybody's: each gets a transaction of its own.
void writer::write_one_by_one(const batch& writes) {
  if (writes.size() == 1) return;
  for (const auto& one : writes) {
    if (!usable()) return;
    const batch alone{one};
    if (transact(alone) == fate::unknown) find_out(alone);
  }
}

writer::fate writer::transact(const batch& writes) {
  auto state = table_->begin();
  for (auto at = writes.begin(); state && at != writes.end(); ++at) state = (*at)->execute(*table_);
  const bool committing = state.has_value();
  const auto from = std::chrono::steady_clock::now();
  if (committing) state = table_->commit();
  note(state);
  if (state) {
    commit_time_ += (std::chrono::steady_clock::now() - from - commit_time_) / 8;
    return fate::committed;
  }
  table_->roll_back();
  for (const auto& one : writes) one->fail(state.error());
  return committing && !table_->rejected_whole() ? fate::unknown : fate::rolled_back;
}

/// A COMMIT that failed may have been durable all the same (an fsync that fails after the bytes went out), and after a
/// failed fsync the kernel may believe bytes to be written that are not. So SQLite's view is thrown away, and opening the
/// database anew copies the log into the main file: what is there afterwards is durable, and it decides.
void writer::find_out(const batch& writes) {
  table_.reset();
  if (usable()) {
    for (const auto& one : writes) one->confirm(*table_);
    return;
  }
  for (const auto& one : writes) {
    std::ranges::move(one->inserts(), std::back_inserter(refused_));
  }
}

/// What was erased lingers in the write-ahead log until that is emptied. If it cannot be emptied, erasing has not succeeded.
void writer::scrub(const batch& erased) {
  auto state = table_ ? table_->empty_log() : result<void>{error{errc::store_unavailable, "job store: closed"}};
  note(state);
  if (state) return;
  for (const auto& one : erased) one->fail(state.error());
}

/// After a failure that closed the database each batch tries to open it again. Before anybody sees it, the jobs whose askers
/// were told "unavailable" go: nobody works on them, so one that lies there would never end.
bool writer::usable() {
  if (table_) return true;
  auto reopened = job_table::open(options_, holder_, check::none);
  const auto state = reopened ? (*reopened)->withdraw(refused_) : result<void>{reopened.error()};
  if (!state) {
    note(state);
    return false;
  }
  refused_.clear();
  table_ = std::move(*reopened);
  return true;
}

/// Says in the log when the database fails and when it works again, once each.
void writer::note(const result<void>& state) {
  if (state.has_value() == healthy_) return;
  healthy_ = state.has_value();
  if (healthy_) {
    log::info({"job_store", "SQLite", "commit", "recovered"});
  } else {
    log::error({"job_store", "SQLite", "commit", "failed"}, {{"detail", state.error().detail}});
  }
}

}  // namespace music::sqlite
