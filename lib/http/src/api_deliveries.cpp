#include "api.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {
namespace {

void append_delivery(json_writer& json, const delivery& one) {
  json.begin_object().field("id", one.id).field("job_id", one.job.text()).field("event", one.event).field("version", one.version);
  json.field("endpoint", one.endpoint).field("status", name(one.state)).field("attempts", one.attempts);
  if (one.last_status) json.field("last_http_status", *one.last_status);
  json.field("created_at", to_rfc3339(one.created_at));
  if (one.state == delivery_state::pending) json.field("next_attempt_at", to_rfc3339(one.due_at));
  if (one.ended_at) json.field("ended_at", to_rfc3339(*one.ended_at));
  json.end_object();
}

}  // namespace

task<response> api::list_deliveries(request in) {
  auto finding = lookup_.find(in.where.id, in.by);
  const auto job = co_await std::move(finding);
  if (!job) co_return fail(job.error(), in);
  std::vector<delivery> all;
  if (ports_.deliveries != nullptr) {
    auto listing = ports_.deliveries->of_job((*job)->id);
    auto listed = co_await std::move(listing);
    if (!listed) co_return fail(listed.error(), in);
    all = std::move(*listed);
  }
  auto answer = json_response(200, {});
  json_writer json{answer.body};
  json.begin_object().key("data").begin_array();
  for (const auto& one : all) append_delivery(json, one);
  json.end_array().end_object();
  co_return answer;
}

task<response> api::redeliver(request in) {
  const auto decoded = decode_nothing(*in.body);
  if (!decoded) co_return fail(decoded.error(), in);
  if (ports_.deliveries == nullptr) co_return fail(problem::not_found, in);
  auto asking = ports_.deliveries->redeliver(std::string{in.where.id}, in.by->name, ports_.clock.wall_now());
  const auto again = co_await std::move(asking);
  if (!again && again.error().code == errc::conflict) co_return fail(problem::delivery_not_ended, in);
  if (!again) co_return fail(again.error(), in);
  if (ports_.webhooks != nullptr) ports_.webhooks->stored();
  auto answer = json_response(202, {});
  json_writer json{answer.body};
  append_delivery(json, *again);
  co_return answer;
}

}  // namespace music::http
