#include "sqlite_delivery_table.hpp"

#include "stored_time.hpp"

#include <algorithm>
#include <map>

namespace music::sqlite {
namespace {

/// The body comes last: a row that is passed over costs no overflow page.
const std::string columns =
    "id, job_id, owner, version, event, endpoint, state, attempts, last_status, created_at, due_at, ended_at, body";

result<delivery> read(const statement& row) {
  const auto job = job_id::parse(row.text(1));
  const auto state = parse_delivery_state(row.text(6));
  if (!job || !state) return error{errc::internal, "a delivery that was not written by this program"};
  delivery found;
  found.id = row.text(0);
  found.job = *job;
  found.owner = row.text(2);
  found.version = static_cast<std::uint64_t>(row.number(3));
  found.event = row.text(4);
  found.endpoint = row.text(5);
  found.state = *state;
  found.attempts = static_cast<int>(row.number(7));
  if (const auto status = row.maybe_number(8)) found.last_status = static_cast<int>(*status);
  found.created_at = from_milliseconds(row.number(9));
  found.due_at = from_milliseconds(row.number(10));
  if (const auto ended = row.maybe_number(11)) found.ended_at = from_milliseconds(*ended);
  found.body = row.text(12);
  return found;
}

std::optional<std::int64_t> maybe_milliseconds(const std::optional<wall_time>& time) {
  return time ? std::optional{milliseconds(*time)} : std::nullopt;
}

}  // namespace

result<void> delivery_table::prepare(connection& database) {
  const std::pair<statement*, std::string> all[]{
      // what comes after one that waits, waits with it
      {&insert_,
       "INSERT INTO deliveries (id, job_id, owner, version, event, endpoint, state, attempts, created_at, due_at, body)"
       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, ?7, max(?8, coalesce((SELECT max(due_at) FROM deliveries"
       " WHERE job_id = ?2 AND endpoint = ?6 AND state = 'pending'), 0)), ?9) ON CONFLICT (id) DO NOTHING"},
      {&due_, "SELECT " + columns +
                  " FROM deliveries AS this INDEXED BY deliveries_due"
                  " WHERE state = 'pending' AND due_at <= ?1 AND NOT EXISTS (SELECT 1 FROM deliveries AS other"
                  " WHERE other.job_id = this.job_id AND other.endpoint = this.endpoint AND other.state = 'pending'"
                  " AND other.position < this.position) ORDER BY due_at, position"},
      {&settle_, "UPDATE deliveries SET state = ?2, attempts = ?3, last_status = ?4, due_at = ?5, ended_at = ?6 WHERE id = ?1"},
      {&wait_, "UPDATE deliveries SET due_at = max(due_at, ?3) WHERE job_id = ?1 AND endpoint = ?2 AND state = 'pending'"},
      {&give_up_, "UPDATE deliveries SET state = 'dead', ended_at = ?2 WHERE state = 'pending' AND endpoint = ?1"},
      {&of_job_, "SELECT " + columns + " FROM deliveries WHERE job_id = ?1 ORDER BY position"},
      {&redeliver_,
       "UPDATE deliveries SET state = 'pending', attempts = 0, due_at = ?3, ended_at = NULL"
       " WHERE id = ?1 AND owner = ?2 AND state <> 'pending' RETURNING " +
           columns},
      {&find_, "SELECT 1 FROM deliveries WHERE id = ?1 AND owner = ?2"},
  };
  for (const auto& [into, text] : all) {
    auto made = database.prepare(text);
    if (!made) return made.error();
    *into = std::move(*made);
  }
  return {};
}

result<void> delivery_table::insert(const std::vector<delivery>& fresh) {
  for (const auto& each : fresh) {
    insert_.bind(1, each.id).bind(2, each.job.text()).bind(3, each.owner).bind(4, static_cast<std::int64_t>(each.version));
    insert_.bind(5, each.event).bind(6, each.endpoint).bind(7, milliseconds(each.created_at)).bind(8, milliseconds(each.due_at));
    auto done = insert_.bind(9, each.body).run();
    if (!done) return done;
  }
  return {};
}

result<std::vector<delivery>> delivery_table::take_due(const delivery_order& order) {
  forget_holds(order.now);
  std::map<std::string, std::size_t, std::less<>> given;
  for (const auto& endpoint : order.busy) given[endpoint] = order.per_endpoint;
  const resetting at_end{due_};
  due_.bind(1, milliseconds(order.now));
  std::vector<delivery> taken;
  auto more = result<bool>{taken.size() < order.limit};
  if (more && *more) more = due_.step();
  for (; more && *more; more = taken.size() < order.limit ? due_.step() : result<bool>{false}) {
    if (held_until_.contains(due_.text(0))) continue;
    auto& to_this_endpoint = given[due_.text(5)];
    if (to_this_endpoint >= order.per_endpoint) continue;
    auto found = read(due_);
    if (!found) return found.error();
    ++to_this_endpoint;
    held_until_.emplace(found->id, order.held_until);
    taken.push_back(std::move(*found));
  }
  if (!more) return more.error();
  return taken;
}

void delivery_table::forget_holds(wall_time now) {
  std::erase_if(held_until_, [now](const auto& hold) { return hold.second <= now; });
}

result<void> delivery_table::settle(const delivery& attempted) {
  held_until_.erase(attempted.id);
  const auto status = attempted.last_status ? std::optional<std::int64_t>{*attempted.last_status} : std::nullopt;
  settle_.bind(1, attempted.id).bind(2, name(attempted.state)).bind(3, std::int64_t{attempted.attempts}).bind(4, status);
  settle_.bind(5, milliseconds(attempted.due_at)).bind(6, maybe_milliseconds(attempted.ended_at));
  auto done = settle_.run();
  if (!done || attempted.state != delivery_state::pending) return done;
  wait_.bind(1, attempted.job.text()).bind(2, attempted.endpoint).bind(3, milliseconds(attempted.due_at));
  return wait_.run();
}

result<void> delivery_table::give_up(std::string_view endpoint, wall_time now) {
  return give_up_.bind(1, endpoint).bind(2, milliseconds(now)).run();
}

result<std::vector<delivery>> delivery_table::of_job(const job_id& job) {
  const resetting at_end{of_job_};
  of_job_.bind(1, job.text());
  std::vector<delivery> all;
  auto more = of_job_.step();
  for (; more && *more; more = of_job_.step()) {
    auto found = read(of_job_);
    if (!found) return found.error();
    all.push_back(std::move(*found));
  }
  if (!more) return more.error();
  return all;
}

result<delivery> delivery_table::redeliver(std::string_view id, std::string_view owner, wall_time now) {
  const resetting at_end{redeliver_};
  const auto changed = redeliver_.bind(1, id).bind(2, owner).bind(3, milliseconds(now)).step();
  if (!changed) return changed.error();
  if (*changed) return read(redeliver_);
  const resetting found_at_end{find_};
  const auto there = find_.bind(1, id).bind(2, owner).step();
  if (!there) return there.error();
  return error{*there ? errc::conflict : errc::not_found};
}

}  // namespace music::sqlite
