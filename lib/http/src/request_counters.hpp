#pragma once

/// How many requests were answered, by route and status.

#include "router.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace music::http {

/// One shard's numbers. Counted by its thread only, read by any: so counting costs one uncontended store.
class request_counters {
 public:
  /// Null: a request for what is no route.
  void count(const route* where, unsigned status) noexcept;

  /// `where` is the place in `routes`, or the one behind it.
  [[nodiscard]] std::uint64_t read(std::size_t where, std::size_t slot) const noexcept {
    return cells_[where][slot].load(std::memory_order_relaxed);
  }

  /// The statuses that this service answers with; all others share the last slot.
  static constexpr std::array<unsigned, 27> statuses{200, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410,
                                                     411, 413, 414, 415, 416, 417, 422, 429, 431, 500, 502, 503, 0};

 private:
  using row = std::array<std::atomic<std::uint64_t>, statuses.size()>;
  std::vector<row> cells_{routes().size() + 1};
};

/// Appends `http_requests_total` with the sums of all shards; combinations that never were are left out.
void append_requests(std::string& out, const std::vector<std::shared_ptr<const request_counters>>& shards);

}  // namespace music::http
