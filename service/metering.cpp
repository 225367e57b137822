#include "metering.hpp"

#include <utility>

namespace music::service {
namespace {

std::string_view outcome_of(const net::exchange_result& result) noexcept {
  if (result.has_error()) return name(result.error().why.code);
  switch (result->status / 100) {
    case 2: return "2xx";
    case 3: return "3xx";
    case 4: return result->status == 429 ? "429" : "4xx";
    default: return "5xx";
  }
}

class counting_client final : public net::http_client {
 public:
  counting_client(std::unique_ptr<net::http_client> inner, std::map<net::origin, std::string> apis, service_metrics& into)
      : inner_(std::move(inner)), apis_(std::move(apis)), into_(into) {}

  task<net::exchange_result> send(net::http_request request, net::exchange_limits limits, time_point deadline) override {
    const auto api = api_of(request.address);
    auto calling = inner_->send(std::move(request), limits, deadline);
    return counted(std::move(calling), api);
  }

  task<net::exchange_result> download(net::http_request request, net::body_sink& sink, net::exchange_limits limits,
                                      time_point deadline) override {
    const auto api = api_of(request.address);
    auto calling = inner_->download(std::move(request), sink, limits, deadline);
    return counted(std::move(calling), api);
  }

  void sweep() override { inner_->sweep(); }
  void close_idle() override { inner_->close_idle(); }
  std::uint64_t connections_opened() const noexcept override { return inner_->connections_opened(); }
  std::uint64_t requests_sent() const noexcept override { return inner_->requests_sent(); }
  std::uint64_t reused() const noexcept override { return inner_->reused(); }

 private:
  /// The name lives as long as this object.
  [[nodiscard]] std::string_view api_of(const net::url& address) const {
    const auto found = apis_.find(address.from);
    return found == apis_.end() ? std::string_view{"other"} : std::string_view{found->second};
  }

  task<net::exchange_result> counted(task<net::exchange_result> call, std::string_view api) {
    auto result = co_await std::move(call);
    into_.upstream_calls.add({api, outcome_of(result)});
    co_return result;
  }

  std::unique_ptr<net::http_client> inner_;
  std::map<net::origin, std::string> apis_;
  service_metrics& into_;
};

class counting_store final : public job_store {
 public:
  counting_store(std::unique_ptr<job_store> inner, service_metrics& into) : inner_(std::move(inner)), into_(into) {}

  task<result<insertion>> insert(job fresh, std::optional<idempotency> key) override {
    auto inserting = counted(inner_->insert(std::move(fresh), std::move(key)), "insert");
    auto inserted = co_await std::move(inserting);
    if (inserted) into_.jobs_created.add({inserted->replayed ? "true" : "false"});
    co_return inserted;
  }

  task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) override {
    const auto size = fresh.size();
    auto inserting = counted(inner_->insert_batch(std::move(fresh), std::move(key)), "insert_batch");
    auto inserted = co_await std::move(inserting);
    if (inserted) into_.jobs_created.add({inserted->replayed ? "true" : "false"}, size);
    co_return inserted;
  }

  task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) override {
    const auto status = changed.status;
    auto updating = counted(inner_->update(std::move(changed), lease, std::move(told)), "update");
    auto updated = co_await std::move(updating);
    if (updated && ended(status)) into_.jobs_finished.add({name(status)});
    co_return updated;
  }

  task<result<job>> load(job_id id) override { return counted(inner_->load(id), "load"); }
  task<result<std::vector<job>>> select(job_filter filter) override {
    return counted(inner_->select(std::move(filter)), "select");
  }
  task<result<void>> erase(job_id id, wall_time now) override { return counted(inner_->erase(id, now), "erase"); }
  task<result<std::vector<claimed_job>>> claim(std::size_t limit) override { return counted(inner_->claim(limit), "claim"); }
  task<result<renewal>> renew(std::vector<job_id> held) override { return counted(inner_->renew(std::move(held)), "renew"); }
  task<result<void>> release() override { return counted(inner_->release(), "release"); }
  task<result<void>> request_cancel(job_id id) override { return counted(inner_->request_cancel(id), "request_cancel"); }

  task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) override {
    return counted(inner_->reopen(std::move(changed), seen_version), "reopen");
  }

  outbox& deliveries() noexcept override { return inner_->deliveries(); }
  bool shared() const noexcept override { return inner_->shared(); }
  void on_hint(std::function<void()> hint) override { inner_->on_hint(std::move(hint)); }

 private:
  /// `operation` must be static.
  template <class T>
  task<result<T>> counted(task<result<T>> call, std::string_view operation) {
    auto outcome = co_await std::move(call);
    into_.store_operations.add({operation, outcome.has_error() ? name(outcome.error().code) : "success"});
    co_return outcome;
  }

  std::unique_ptr<job_store> inner_;
  service_metrics& into_;
};

}  // namespace

void service_metrics::append(std::string& out) const {
  if (active_jobs) {
    append_metric_head(out, "jobs_active", metric_type::gauge, "Jobs that have not ended.");
    append_sample(out, "jobs_active", {}, {}, active_jobs());
  }
  for (const auto* family : {&jobs_created, &jobs_finished, &upstream_calls, &store_operations}) family->append(out);
}

std::unique_ptr<net::http_client> count_calls(std::unique_ptr<net::http_client> inner, std::map<net::origin, std::string> apis,
                                              service_metrics& into) {
  return std::make_unique<counting_client>(std::move(inner), std::move(apis), into);
}

std::unique_ptr<job_store> count_operations(std::unique_ptr<job_store> inner, service_metrics& into) {
  return std::make_unique<counting_store>(std::move(inner), into);
}

}  // namespace music::service
