#pragma once

/// What GET /metrics tells, and the decorators that count it: the rooms themselves know nothing of metrics.

#include <music/base/metrics.hpp>
#include <music/core/metrics_source.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace music::service {

/// The process's numbers. Thread-safe; must outlive everything that counts into it.
class service_metrics final : public metrics_source {
 public:
  counter_family upstream_calls{"upstream_calls_total", "Calls to services outside, by service and outcome.", {"api", "outcome"}};
  counter_family store_operations{
      "store_operations_total", "Operations of the job store; update is a job's checkpoint.", {"operation", "outcome"}};
  counter_family jobs_created{
      "jobs_created_total", "Jobs admitted; replayed is an Idempotency-Key that named an earlier one.", {"replayed"}};
  counter_family jobs_finished{
      "jobs_finished_total", "Jobs that ended, by final status; one that is retried can end again.", {"status"}};

  /// Asked for the jobs that have not ended; set it before anybody asks for the numbers.
  std::function<std::size_t()> active_jobs;

  void append(std::string& out) const override;
};

/// Counts every call of `inner` under the name that `apis` has for its origin, "other" for those that have none:
/// hosts that an upstream names are no labels.
[[nodiscard]] std::unique_ptr<net::http_client> count_calls(std::unique_ptr<net::http_client> inner,
                                                            std::map<net::origin, std::string> apis, service_metrics& into);

/// Counts what is asked of `inner` and what becomes of its jobs.
[[nodiscard]] std::unique_ptr<job_store> count_operations(std::unique_ptr<job_store> inner, service_metrics& into);

}  // namespace music::service
