#pragma once

/// The thread that owns the database.

#include "pending.hpp"
#include "sqlite_table.hpp"

#include <music/async/task.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace music::sqlite {

struct insert_job {
  job_row row;
  std::optional<idempotency> key;
};
struct insert_jobs {
  std::vector<job_row> rows;  ///< of one batch
  std::optional<idempotency> key;
};
struct update_job {
  job_row row;
  lease_epoch lease = 0;
  std::vector<delivery> told;
};
struct reopen_job {
  job_row row;
  std::uint64_t seen_version = 0;
};
struct erase_job {
  job_id id;
  std::int64_t now = 0;  ///< milliseconds since 1970
};
struct claim_jobs {
  std::size_t limit = 0;
};
struct release_jobs {};
struct load_job {
  job_id id;
};
struct select_jobs {
  job_filter filter;
};
struct take_deliveries {
  delivery_order wanted;
};
struct settle_delivery {
  delivery attempted;
};
struct give_up_deliveries {
  std::string endpoint;
  wall_time now{};
};
struct redeliver {
  std::string id;
  std::string owner;
  wall_time now{};
};
struct load_deliveries {
  job_id job;
};
using order = std::variant<insert_job, insert_jobs, update_job, reopen_job, erase_job, claim_jobs, release_jobs, load_job,
                           select_jobs, take_deliveries, settle_delivery, give_up_deliveries, redeliver, load_deliveries>;

/// An order in the queue, with room for what came of it.
class request final : public pending {
 public:
  explicit request(order what) : what_(std::move(what)) {}

  [[nodiscard]] bool reads() const noexcept {
    return std::holds_alternative<load_job>(what_) || std::holds_alternative<select_jobs>(what_) ||
           std::holds_alternative<take_deliveries>(what_) || std::holds_alternative<load_deliveries>(what_);
  }
  [[nodiscard]] bool erases() const noexcept { return std::holds_alternative<erase_job>(what_); }

  /// The jobs that it inserts; none for every other order.
  [[nodiscard]] std::vector<job_id> inserts() const;

  /// Carries it out. Fails if the database did: then the transaction must be rolled back.
  [[nodiscard]] result<void> execute(job_table& table);

  /// After a COMMIT with an unknown outcome: succeeds if the database is as this order wanted it.
  void confirm(job_table& table);

  void fail(error why) { outcome_ = std::move(why); }

  /// Once, by whoever waited.
  [[nodiscard]] result<answer> take() { return std::move(outcome_); }

 private:
  [[nodiscard]] result<answer> perform(job_table& table);
  [[nodiscard]] bool in_effect(job_table& table) const;

  order what_;
  result<answer> outcome_{error{errc::store_unavailable, "not carried out"}};
};

/// Takes all the requests that wait, carries them out in one transaction, and answers them together: as many requests share
/// one fsync as came while the last one ran. Reads are answered first, outside of it, so they never see what might still be
/// rolled back. Thread-safe; `run` is awaited on shards.
class writer {
 public:
  writer(sqlite_options options, std::string holder, std::unique_ptr<job_table> table);

  /// Carries out what is queued, then ends the thread.
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Errors: what the order gives, or `store_unavailable` (queue full, disk full, damaged, I/O error).
  [[nodiscard]] task<result<answer>> run(order what);

 private:
  using request_ptr = std::shared_ptr<request>;
  using batch = std::vector<request_ptr>;
  enum class fate : std::uint8_t { committed, rolled_back, unknown };

  bool push(request_ptr what);
  void loop();
  batch take();
  void serve(const batch& all);
  void write(const batch& writes);
  void write_one_by_one(const batch& writes);
  fate transact(const batch& writes);
  void find_out(const batch& writes);
  void scrub(const batch& erased);
  bool usable();
  void note(const result<void>& state);

  // the queue
  const sqlite_options options_;
  const std::string holder_;
  std::mutex mutex_;
  std::condition_variable work_;
  batch queue_;
  bool asleep_ = false;
  bool ending_ = false;

  // the thread's own
  std::unique_ptr<job_table> table_;
  std::vector<job_id> refused_;                        ///< insertions that failed and may be durable all the same
  bool healthy_ = true;                                ///< as it was last said in the log
  std::chrono::steady_clock::duration commit_time_{};  ///< of recent commits, smoothed
  std::thread thread_;
};

}  // namespace music::sqlite
