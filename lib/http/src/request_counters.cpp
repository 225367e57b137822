#include "request_counters.hpp"

#include <music/base/metrics.hpp>

#include <algorithm>

namespace music::http {
namespace {

constexpr std::string_view metric = "http_requests_total";

std::string_view route_name(std::size_t where) noexcept { return where < routes().size() ? routes()[where].pattern : "none"; }

std::string status_name(unsigned status) { return status == 0 ? "other" : std::to_string(status); }

}  // namespace

void request_counters::count(const route* where, unsigned status) noexcept {
  const auto place = where != nullptr ? static_cast<std::size_t>(where - routes().data()) : routes().size();
  const auto last = statuses.end() - 1;
  const auto slot = static_cast<std::size_t>(std::find(statuses.begin(), last, status) - statuses.begin());
  auto& cell = cells_[place][slot];
  cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void append_requests(std::string& out, const std::vector<std::shared_ptr<const request_counters>>& shards) {
  append_metric_head(out, metric, metric_type::counter, "Requests answered, by route and status.");
  for (std::size_t where = 0; where <= routes().size(); ++where) {
    for (std::size_t slot = 0; slot < request_counters::statuses.size(); ++slot) {
      std::uint64_t sum = 0;
      for (const auto& each : shards) sum += each->read(where, slot);
      if (sum == 0) continue;
      append_sample(out, metric, {"route", "status"},
                    {std::string{route_name(where)}, status_name(request_counters::statuses[slot])}, sum);
    }
  }
}

}  // namespace music::http
