#include "sqlite_table.hpp"

#include <utility>

namespace music::sqlite {

/// A savepoint, because who shares the transaction must not lose theirs.
result<answer> job_table::insert_batch(const std::vector<job_row>& rows, const std::optional<idempotency>& key) {
  auto state = begin_batch_.run();
  if (!state) return state.error();
  auto inserted = insert_all(rows, key);
  if (!inserted && inserted.error().code == errc::store_unavailable) return inserted;
  if (!inserted) state = undo_batch_.run();
  if (state) state = end_batch_.run();
  if (!state) return state.error();
  return inserted;
}

result<answer> job_table::insert_all(const std::vector<job_row>& rows, const std::optional<idempotency>& key) {
  if (key) {
    auto earlier = find_earlier(rows.front(), *key);
    if (!earlier) return earlier.error();
    if (*earlier) return std::move(**earlier);
  }
  for (const auto& row : rows) {
    auto inserted = insert_row(row);
    if (!inserted) return inserted.error();
  }
  return answer{};
}

}  // namespace music::sqlite
