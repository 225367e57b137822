#pragma once

/// What can be done to deliveries, one errand each. As with jobs each can be carried out twice.

#include "postgres_client.hpp"
#include "postgres_table.hpp"

#include <music/core/outbox.hpp>

namespace music::postgres {

/// Adds what a change tells to its statement's values: eight arrays, one for each column of `unnest` in `told_columns`.
void bind(parameters& into, const std::vector<delivery>& told);

/// For other than the earliest pending delivery of a job and endpoint: not before those that come first.
inline constexpr const char* told_insert = R"sql(
    INSERT INTO music_deliveries AS known (id, job_id, owner, version, event, endpoint, state, attempts, created_at, due_at, body)
    SELECT new.id, changed.id, new.owner, new.version, new.event, new.endpoint, 'pending', 0, new.created_at,
      greatest(new.due_at, (SELECT max(due_at) FROM music_deliveries other
        WHERE other.job_id = changed.id AND other.endpoint = new.endpoint AND other.state = 'pending')), new.body
    FROM changed, unnest($9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::text[])
      WITH ORDINALITY new (id, owner, version, event, endpoint, created_at, due_at, body, position)
    ORDER BY new.position
    ON CONFLICT (id) DO NOTHING)sql";

/// The port over a client.
[[nodiscard]] std::unique_ptr<outbox> make_outbox(client& database);

}  // namespace music::postgres
