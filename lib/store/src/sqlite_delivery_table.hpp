#pragma once

/// The outbox's table, one plain call each. Errors as in `sqlite_table.hpp`.

#include "sqlite_connection.hpp"

#include <music/core/outbox.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace music::sqlite {

/// Belongs to the writer thread. Who has taken a delivery is known in memory only: the database has one process, and what
/// that had taken is free again when it ends.
class delivery_table {
 public:
  /// The connection must outlive everything else that is asked for.
  [[nodiscard]] result<void> prepare(connection& database);

  /// One with an id that is there already is left as it is.
  [[nodiscard]] result<void> insert(const std::vector<delivery>& fresh);

  [[nodiscard]] result<std::vector<delivery>> take_due(const delivery_order& order);
  [[nodiscard]] result<void> settle(const delivery& attempted);
  [[nodiscard]] result<void> give_up(std::string_view endpoint, wall_time now);
  [[nodiscard]] result<std::vector<delivery>> of_job(const job_id& job);

  /// Errors: `not_found`, `conflict`.
  [[nodiscard]] result<delivery> redeliver(std::string_view id, std::string_view owner, wall_time now);

 private:
  void forget_holds(wall_time now);

  statement insert_, due_, settle_, wait_, give_up_, of_job_, redeliver_, find_;
  std::unordered_map<std::string, wall_time> held_until_;  ///< by id
};

}  // namespace music::sqlite
