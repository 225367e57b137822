#include "api.hpp"

#include "header_values.hpp"
#include "job_json.hpp"
#include "openapi_document.hpp"
#include "providers_json.hpp"
#include "styles_json.hpp"

namespace music::http {

std::string etag_of_document(std::string_view document) { return '"' + to_hex(sha256_of(document)).substr(0, 32) + '"'; }

std::vector<field_error> check_webhook(const http_ports& ports, const generate_request& wanted) {
  if (!wanted.webhook) return {};
  if (ports.webhooks == nullptr) return {{"webhook", "is not available here"}};
  return ports.webhooks->check(*wanted.webhook);
}

api::api(const http_ports& ports, std::string base_url, served_role role, std::chrono::seconds longest_wait,
         const std::vector<std::shared_ptr<const request_counters>>& counted)
    : ports_(ports),
      base_url_(std::move(base_url)),
      role_(role),
      longest_wait_(longest_wait),
      lookup_(ports_),
      mcp_(ports_, lookup_, base_url_),
      counted_(counted),
      rendered_(base_url_),
      openapi_etag_(etag_of_document(openapi_document())),
      styles_etag_(etag_of_document(styles_document())),
      providers_(render_providers(ports.providers)),
      providers_etag_(etag_of_document(providers_)) {}

bool api::answer_from_memory(const request& in, const answer_frame& frame, std::string& out) {
  if (in.where.found->where != endpoint::job || in.head->has(field::prefer) || in.head->has(field::if_none_match)) return false;
  if (in.head->verb != method::get && in.head->verb != method::head) return false;
  const auto job = ports_.jobs.peek(in.where.id, *in.by);
  if (!job) return false;
  const auto& ready = rendered_.get(job);
  out += ready.head;
  append_header_end(out, frame);
  if (!frame.head_only) out += ready.body;
  return true;
}

task<response> api::answer(request in) {
  switch (in.where.found->where) {
    case endpoint::generate:
    case endpoint::orchestrator_skill: return generate(in);
    case endpoint::batches: return make_batch(in);
    case endpoint::batch: return get_batch(in);
    case endpoint::jobs: return list_jobs(in);
    case endpoint::job: return in.head->verb == method::del ? erase_job(in) : get_job(in);
    case endpoint::job_cancel: return cancel_job(in);
    case endpoint::job_retry: return retry_job(in);
    case endpoint::job_events: return get_events(in);
    case endpoint::job_deliveries: return list_deliveries(in);
    case endpoint::redeliver: return redeliver(in);
    case endpoint::job_audio:
    case endpoint::track_audio: return get_audio(in);
    case endpoint::prompt_skill: return write_prompt(in);
    case endpoint::music_skill: return make_music(in);
    case endpoint::openclaw_call: return take_openclaw_call(in);
    case endpoint::mcp: return speak_mcp(in);
    case endpoint::skills:
    case endpoint::livez:
    case endpoint::readyz:
    case endpoint::openapi:
    case endpoint::styles:
    case endpoint::song_callback:
    case endpoint::metrics:
    case endpoint::providers:
    case endpoint::root:
    case endpoint::none: break;
  }
  return answer_at_once(in);
}

task<response> api::answer_at_once(request in) {
  switch (in.where.found->where) {
    case endpoint::livez: co_return json_response(200, R"({"status":"ok"})");
    case endpoint::readyz: co_return get_readiness(in);
    case endpoint::openapi: co_return get_openapi(in);
    case endpoint::song_callback: co_return take_callback(in);
    case endpoint::skills: co_return list_skills();
    case endpoint::metrics: co_return get_metrics();
    case endpoint::styles: co_return get_list(in, styles_document(), styles_etag_);
    case endpoint::providers: co_return get_list(in, providers_, providers_etag_);
    case endpoint::root:
      co_return json_response(200, R"({"service":"openclaw-music","documentation":")" + base_url_ + R"(/openapi.yaml"})");
    default: co_return fail(problem::not_found, in);
  }
}

task<response> api::generate(request in) {
  auto wanted = decode_generate(*in.body);
  if (!wanted) co_return fail(wanted.error(), in);
  auto admitting = admit(in, std::move(*wanted));
  co_return co_await std::move(admitting);
}

task<response> api::admit(request in, generate_request wanted) {
  const auto refused = check_webhook(ports_, wanted);
  if (!refused.empty()) co_return fail(problem::validation_error, in, refused);
  auto key = key_of(in);
  if (!key) co_return fail(key.error(), in);
  auto submitting = ports_.jobs.submit(std::move(wanted), *in.by, std::move(*key));
  const auto admitted = co_await std::move(submitting);
  if (!admitted) co_return fail(admitted.error(), in);

  auto job = admitted->job;
  const auto span = wanted_wait(in);
  if (span && !job->done()) {
    auto waiting = lookup_.wait(job, in.by, wait_for::end, *span, in.hurry);
    const auto waited = co_await std::move(waiting);
    if (waited) job = *waited;
  }
  auto answer = job_response(span && job->done() ? 200 : 202, *job);
  answer.headers.add("Location", "/jobs/" + job->id.text());
  if (admitted->replayed) answer.headers.add("Idempotent-Replayed", "true");
  if (span) answer.headers.add("Preference-Applied", "wait=" + std::to_string(span->count()));
  co_return answer;
}

task<response> api::get_job(request in) {
  auto finding = lookup_.find(in.where.id, in.by);
  auto found = co_await std::move(finding);
  if (!found) co_return fail(found.error(), in);

  const auto span = wanted_wait(in);
  const bool moved_on =
      in.head->has(field::if_none_match) && !matches_etag(in.head->value(field::if_none_match), etag_of(**found));
  if (span && !(*found)->done() && !moved_on) {
    auto waiting = lookup_.wait(*found, in.by, wait_for::change, *span, in.hurry);
    found = co_await std::move(waiting);
    if (!found) co_return fail(found.error(), in);
  }
  auto answer = job_or_304(in, *found);
  if (span) answer.headers.add("Preference-Applied", "wait=" + std::to_string(span->count()));
  co_return answer;
}

task<response> api::cancel_job(request in) {
  const auto decoded = decode_nothing(*in.body);
  if (!decoded) co_return fail(decoded.error(), in);
  const auto id = job_id::parse(in.where.id);
  if (!id) co_return fail(problem::not_found, in);
  auto canceling = ports_.control.cancel(*id, *in.by);
  const auto job = co_await std::move(canceling);
  if (!job) co_return fail(job.error(), in);
  co_return job_response((*job)->done() ? 200 : 202, **job);
}

task<response> api::retry_job(request in) {
  const auto resubmit = decode_retry(*in.body);
  if (!resubmit) co_return fail(resubmit.error(), in);
  const auto id = job_id::parse(in.where.id);
  if (!id) co_return fail(problem::not_found, in);
  auto retrying = ports_.control.retry(*id, *in.by, *resubmit);
  const auto job = co_await std::move(retrying);
  if (!job && job.error().code == errc::conflict) {
    auto finding = lookup_.find(in.where.id, in.by);
    const auto now = co_await std::move(finding);
    co_return fail(now && !(*now)->done() ? problem::job_not_ended : problem::job_not_retryable, in);
  }
  if (!job) co_return fail(job.error(), in);
  auto answer = job_response(202, **job);
  answer.headers.add("Location", "/jobs/" + (*job)->id.text());
  co_return answer;
}

task<response> api::erase_job(request in) {
  const auto id = job_id::parse(in.where.id);
  if (!id) co_return fail(problem::not_found, in);
  rendered_.forget(in.where.id);
  auto erasing = ports_.control.erase(*id, *in.by);
  const auto erased = co_await std::move(erasing);
  if (!erased) co_return fail(erased.error(), in);
  rendered_.forget(in.where.id);
  response answer;
  answer.status = 204;
  answer.headers.add("Cache-Control", never_stored);
  co_return answer;
}

response api::get_readiness(const request& in) const {
  const auto state = ports_.ready.state();
  if (state == "draining") return fail(problem::draining, in);
  if (state != "ok") return fail(problem::store_unavailable, in);
  return json_response(200, R"({"status":"ok"})");
}

response api::get_openapi(const request& in) const {
  if (matches_etag(in.head->value(field::if_none_match), openapi_etag_)) return not_modified(openapi_etag_);
  response answer;
  answer.content_type = "application/yaml";
  answer.headers.add("Cache-Control", revalidated);
  answer.headers.add("ETag", openapi_etag_);
  answer.body = openapi_document();
  return answer;
}

response api::get_list(const request& in, const std::string& document, const std::string& etag) const {
  if (matches_etag(in.head->value(field::if_none_match), etag)) return not_modified(etag);
  response answer;
  answer.content_type = json_type;
  answer.headers.add("Cache-Control", revalidated);
  answer.headers.add("ETag", etag);
  answer.body = document;
  return answer;
}

/// Whatever the body says, a known token is answered with 200: services send again, and then give up, on anything else.
response api::take_callback(const request& in) const {
  const bool known = ports_.callbacks != nullptr && ports_.callbacks->receive(in.where.id, *in.body);
  return known ? json_response(200, R"({"status":"ok"})") : fail(problem::not_found, in);
}

response api::get_metrics() const {
  response answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.headers.add("Cache-Control", never_stored);
  append_requests(answer.body, counted_);
  if (ports_.metrics != nullptr) ports_.metrics->append(answer.body);
  return answer;
}

decoded_body<std::optional<request_key>> api::key_of(const request& in) const {
  if (!in.head->has(field::idempotency_key)) return std::optional<request_key>{};
  auto text = parse_idempotency_key(in.head->value(field::idempotency_key));
  if (!text) return refusal{problem::invalid_header};
  return std::optional{request_key{std::move(*text), "POST " + std::string{in.where.found->pattern}}};
}

std::optional<std::chrono::seconds> api::wanted_wait(const request& in) const {
  const auto span = parse_wait(in.head->value(field::prefer));
  if (!span || span->count() == 0) return std::nullopt;
  return std::min(*span, longest_wait_);
}

response api::job_response(unsigned status, const job& job) const {
  response answer;
  answer.status = status;
  answer.content_type = json_type;
  answer.headers.add("Cache-Control", revalidated);
  answer.headers.add("ETag", etag_of(job));
  if (!job.done()) answer.headers.add("Retry-After", poll_again_after);
  append_job(answer.body, job, base_url_);
  return answer;
}

response api::job_or_304(const request& in, const job_ptr& job) {
  const auto etag = etag_of(*job);
  if (in.head->has(field::if_none_match) && matches_etag(in.head->value(field::if_none_match), etag)) {
    auto answer = not_modified(etag);
    if (!job->done()) answer.headers.add("Retry-After", poll_again_after);
    return answer;
  }
  return job_response(200, *job);
}

response api::fail(problem what, const request& in, const std::vector<field_error>& fields) const {
  return problem_response(what, ports_.clock.wall_now(), in.id, fields);
}

response api::fail(const error& why, const request& in) const {
  const auto refused = refusal_for(why, in.where.found->pattern, in.id);
  return fail(refused.what, in, refused.fields);
}

}  // namespace music::http
