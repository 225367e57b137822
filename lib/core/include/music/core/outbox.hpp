#pragma once

/// What is to be told to others about jobs: written down in the same transaction as the change that it tells, sent later.

#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/base/ids.hpp>
#include <music/base/time.hpp>
#include <music/core/job.hpp>
#include <music/core/request.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

enum class delivery_state : std::uint8_t {
  pending,    ///< to be sent, for the first time or again
  delivered,  ///< the receiver said that it has it
  dead,       ///< given up; kept until its job is erased, and sent again only when somebody asks for it
};

/// "pending", "delivered", "dead".
[[nodiscard]] std::string_view name(delivery_state state) noexcept;
[[nodiscard]] std::optional<delivery_state> parse_delivery_state(std::string_view text) noexcept;

/// One message to one endpoint. Its body is what is sent, byte for byte, however often.
struct delivery {
  std::string id;           ///< "msg_…"; what the receiver tells repetitions by. The same event of a job's run to the same
                            ///< endpoint always has the same id, so that one that is stored twice is stored once
  job_id job;
  std::string owner;        ///< of the job
  std::uint64_t version = 0;  ///< of the job that it tells
  std::string event;        ///< "job.success"
  std::string endpoint;     ///< where and how, as `lib/webhooks` wrote it; opaque here. No secret is in it
  std::string body;

  delivery_state state = delivery_state::pending;
  int attempts = 0;
  std::optional<int> last_status;  ///< HTTP status of the last attempt that was answered
  wall_time created_at{};
  wall_time due_at{};              ///< when it may be sent, while pending
  std::optional<wall_time> ended_at;

  friend bool operator==(const delivery&, const delivery&) = default;
};

/// What `take_due` is to give.
struct delivery_order {
  wall_time now{};
  wall_time held_until{};           ///< until then nobody else is given them
  std::size_t limit = 32;
  std::size_t per_endpoint = 4;     ///< at most so many to one endpoint
  std::vector<std::string> busy{};  ///< endpoints that are to be given nothing now
};

/// Port: the deliveries, in the same database as the jobs. They are inserted with the job's change (see `job_store`) and
/// erased with their job. Thread-safe; its functions complete on the awaiting shard and may fail with `store_unavailable`.
class outbox {
 public:
  virtual ~outbox() = default;

  /// Pending deliveries that are due, those that were due first come first. Of one job and endpoint only the earliest that is
  /// pending is ever given, so that they arrive in the order of the job's versions. They are this caller's until
  /// `held_until`, or until they are settled; a store that only one process can open forgets that with the process.
  [[nodiscard]] virtual task<result<std::vector<delivery>>> take_due(delivery_order order) = 0;

  /// Stores state, attempts, last_status, due_at and ended_at of a delivery that was taken. While it stays pending, later ones
  /// of its job and endpoint wait with it. Succeeds if it was erased meanwhile.
  [[nodiscard]] virtual task<result<void>> settle(delivery attempted) = 0;

  /// Everything that is pending for the endpoint becomes dead: the receiver wants nothing any more.
  [[nodiscard]] virtual task<result<void>> give_up(std::string endpoint, wall_time now) = 0;

  /// All of a job, in the order in which they were committed. Empty for a job that is not known.
  [[nodiscard]] virtual task<result<std::vector<delivery>>> of_job(job_id job) = 0;

  /// Makes a delivery that has ended pending again and due at `now`, with a fresh count of attempts. Errors: `not_found` (no
  /// such delivery, or not the owner's), `conflict` (it is pending).
  [[nodiscard]] virtual task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) = 0;
};

/// Port: decides what is told. Implemented by `lib/webhooks`. Thread-safe; never blocks.
class notifier {
 public:
  virtual ~notifier() = default;

  /// What is wrong with a request's wish to be told, beyond the rules of `validate`: a URL that may not be asked, a
  /// format that is not configured here.
  [[nodiscard]] virtual std::vector<field_error> check(const webhook_request& wanted) const = 0;

  /// What the change from `before`, as last committed, to `after`, perhaps several versions later, is to be told, ready to be
  /// stored with `after`. That a job was accepted, or is to run again, is told to whoever asked for it and to nobody else.
  [[nodiscard]] virtual std::vector<delivery> deliveries_for(const job& before, const job& after) const = 0;

  /// Some deliveries were stored, or are due again: it may be worth to look.
  virtual void stored() noexcept = 0;
};

}  // namespace music
