#include "postgres_outbox.hpp"

#include "stored_time.hpp"

#include <algorithm>

namespace music::postgres {
namespace {

const std::string columns =
    "this.id, this.job_id, this.owner, this.version, this.event, this.endpoint, this.state, this.attempts, this.last_status,"
    " this.created_at, this.due_at, this.ended_at, this.body, this.position";

/// How many due deliveries one call looks at, so that a long queue costs no more than a short one.
const std::string take_due_statement = R"sql(
  WITH due AS (
    SELECT position, endpoint, due_at FROM music_deliveries this
    WHERE state = 'pending' AND due_at <= $1 AND held_until <= $1 AND endpoint <> ALL ($2::text[])
      AND NOT EXISTS (SELECT FROM music_deliveries other WHERE other.job_id = this.job_id AND other.endpoint = this.endpoint
        AND other.state = 'pending' AND other.position < this.position)
    ORDER BY due_at, position LIMIT 1000
    FOR UPDATE SKIP LOCKED),
  ranked AS (
    SELECT position, due_at, row_number() OVER (PARTITION BY endpoint ORDER BY due_at, position) AS place FROM due),
  chosen AS (SELECT position FROM ranked WHERE place <= $3 ORDER BY due_at, position LIMIT $4)
  UPDATE music_deliveries this SET held_until = $5 FROM chosen WHERE this.position = chosen.position
  RETURNING )sql" + columns;

/// While it stays pending, later ones of its job and endpoint wait with it.
constexpr const char* settle_statement = R"sql(
  WITH settled AS (
    UPDATE music_deliveries SET state = $2, attempts = $3, last_status = $4, due_at = $5, ended_at = $6, held_until = 0 WHERE id = $1)
  UPDATE music_deliveries SET due_at = greatest(due_at, $5)
  WHERE $2 = 'pending' AND job_id = $7 AND endpoint = $8 AND state = 'pending' AND id <> $1)sql";

const std::string redeliver_statement = R"sql(
  UPDATE music_deliveries this SET state = 'pending', attempts = 0, due_at = $3, ended_at = NULL, held_until = 0
  WHERE id = $1 AND owner = $2 AND state <> 'pending' RETURNING )sql" +
                                        columns;

const std::string of_job_statement = "SELECT " + columns + " FROM music_deliveries this WHERE job_id = $1 ORDER BY position";
const std::string find_statement = "SELECT " + columns + " FROM music_deliveries this WHERE id = $1 AND owner = $2";

result<delivery> read(const rows& from, std::size_t row) {
  const auto job = job_id::parse(from.text(row, 1));
  const auto state = parse_delivery_state(from.text(row, 6));
  if (!job || !state) return error{errc::internal, "a delivery that was not written by this program"};
  delivery found;
  found.id = from.text(row, 0);
  found.job = *job;
  found.owner = from.text(row, 2);
  found.version = static_cast<std::uint64_t>(from.number(row, 3));
  found.event = from.text(row, 4);
  found.endpoint = from.text(row, 5);
  found.state = *state;
  found.attempts = static_cast<int>(from.number(row, 7));
  if (!from.null(row, 8)) found.last_status = static_cast<int>(from.number(row, 8));
  found.created_at = from_milliseconds(from.number(row, 9));
  found.due_at = from_milliseconds(from.number(row, 10));
  if (!from.null(row, 11)) found.ended_at = from_milliseconds(from.number(row, 11));
  found.body = from.text(row, 12);
  return found;
}

result<std::vector<delivery>> read_all(const rows& from) {
  std::vector<delivery> all;
  all.reserve(from.size());
  for (std::size_t row = 0; row < from.size(); ++row) {
    auto one = read(from, row);
    if (!one) return one.error();
    all.push_back(std::move(*one));
  }
  return all;
}

// --- errands ----------------------------------------------------------------------------------------------------------

struct take_due_deliveries {
  using answer = std::vector<delivery>;
  delivery_order order;

  task<result<answer>> run(connection& on, time_point until) const {
    parameters values;
    values.number(milliseconds(order.now)).array(order.busy).number(static_cast<std::int64_t>(order.per_endpoint));
    values.number(static_cast<std::int64_t>(order.limit)).number(milliseconds(order.held_until));
    auto found = co_await on.execute(take_due_statement, std::move(values), until);
    if (!found) co_return found.error();
    auto taken = read_all(*found);
    if (!taken) co_return taken.error();
    std::vector<std::pair<std::int64_t, std::size_t>> place;  // RETURNING knows no order
    place.reserve(taken->size());
    for (std::size_t row = 0; row < taken->size(); ++row) place.emplace_back(found->number(row, 13), row);
    std::ranges::sort(place, {}, [&](const auto& each) { return std::pair{(*taken)[each.second].due_at, each.first}; });
    answer ordered;
    for (const auto& [position, row] : place) ordered.push_back(std::move((*taken)[row]));
    co_return ordered;
  }
};

struct settle_delivery {
  using answer = nothing;
  delivery attempted;

  task<result<answer>> run(connection& on, time_point until) const {
    const auto status = attempted.last_status ? std::optional<std::int64_t>{*attempted.last_status} : std::nullopt;
    const auto ended = attempted.ended_at ? std::optional{milliseconds(*attempted.ended_at)} : std::nullopt;
    parameters values;
    values.text(attempted.id).text(std::string{name(attempted.state)}).number(std::int64_t{attempted.attempts}).number(status);
    values.number(milliseconds(attempted.due_at)).number(ended).text(attempted.job.text()).text(attempted.endpoint);
    co_return co_await carry_out(on, settle_statement, std::move(values), until);
  }
};

struct give_up_endpoint {
  using answer = nothing;
  std::string endpoint;
  wall_time now{};

  task<result<answer>> run(connection& on, time_point until) const {
    parameters values;
    values.text(endpoint).number(milliseconds(now));
    co_return co_await carry_out(
        on, "UPDATE music_deliveries SET state = 'dead', ended_at = $2 WHERE state = 'pending' AND endpoint = $1",
        std::move(values), until);
  }
};

struct deliveries_of_job {
  using answer = std::vector<delivery>;
  job_id job;

  task<result<answer>> run(connection& on, time_point until) const {
    parameters values;
    values.text(job.text());
    auto found = co_await on.execute(of_job_statement, std::move(values), until);
    if (!found) co_return found.error();
    co_return read_all(*found);
  }
};

struct redeliver_one {
  using answer = delivery;
  std::string id;
  std::string owner;
  wall_time now{};
  bool again = false;  ///< an earlier attempt may have been carried out

  task<result<answer>> run(connection& on, time_point until) const {
    parameters values;
    values.text(id).text(owner).number(milliseconds(now));
    auto done = co_await on.execute(redeliver_statement, std::move(values), until);
    if (!done) co_return done.error();
    if (!done->empty()) co_return read(*done, 0);
    parameters which;
    which.text(id).text(owner);
    auto there = co_await on.execute(find_statement, std::move(which), until);
    if (!there) co_return there.error();
    if (there->empty()) co_return error{errc::not_found};
    auto pending = read(*there, 0);
    if (pending && again && pending->attempts == 0 && pending->due_at == now) co_return pending;
    co_return error{errc::conflict};
  }
};

class postgres_outbox final : public outbox {
 public:
  explicit postgres_outbox(client& database) : database_(database) {}

  task<result<std::vector<delivery>>> take_due(delivery_order order) override {
    take_due_deliveries errand{std::move(order)};
    co_return co_await database_.run(std::move(errand));
  }

  task<result<void>> settle(delivery attempted) override {
    settle_delivery errand{std::move(attempted)};
    auto done = co_await database_.run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<void>> give_up(std::string endpoint, wall_time now) override {
    give_up_endpoint errand{std::move(endpoint), now};
    auto done = co_await database_.run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<std::vector<delivery>>> of_job(job_id job) override {
    deliveries_of_job errand{std::move(job)};
    co_return co_await database_.run(std::move(errand));
  }

  task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) override {
    redeliver_one errand{std::move(id), std::move(owner), now};
    co_return co_await database_.run(std::move(errand));
  }

 private:
  client& database_;
};

}  // namespace

void bind(parameters& into, const std::vector<delivery>& told) {
  std::vector<std::string> ids, owners, versions, events, endpoints, created, due, bodies;
  for (const auto& each : told) {
    ids.push_back(each.id);
    owners.push_back(each.owner);
    versions.push_back(std::to_string(each.version));
    events.push_back(each.event);
    endpoints.push_back(each.endpoint);
    created.push_back(std::to_string(milliseconds(each.created_at)));
    due.push_back(std::to_string(milliseconds(each.due_at)));
    bodies.push_back(each.body);
  }
  into.array(ids).array(owners).array(versions).array(events).array(endpoints).array(created).array(due).array(bodies);
}

std::unique_ptr<outbox> make_outbox(client& database) { return std::make_unique<postgres_outbox>(database); }

}  // namespace music::postgres
