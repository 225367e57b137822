#include "api.hpp"

#include "batch_json.hpp"
#include "header_values.hpp"
#include "job_json.hpp"

#include <algorithm>
#include <iterator>

namespace music::http {
namespace {

std::vector<field_error> check_provider(const http_ports& ports, const generate_request& wanted) {
  const auto fits = [&](const provider_entry& each) { return each.configured && each.info.name == wanted.provider; };
  if (wanted.provider.empty() || std::ranges::any_of(ports.providers, fits)) return {};
  return {{"provider", "is not configured here"}};
}

/// What depends on this service and not on the requests alone, of all of them at once.
std::vector<field_error> check_here(const http_ports& ports, const std::vector<generate_request>& wanted) {
  std::vector<field_error> refused;
  for (std::size_t place = 0; place < wanted.size() && refused.size() < most_batch_errors; ++place) {
    std::ranges::move(at_place(place, check_provider(ports, wanted[place])), std::back_inserter(refused));
    std::ranges::move(at_place(place, check_webhook(ports, wanted[place])), std::back_inserter(refused));
  }
  return refused;
}

}  // namespace

task<response> api::make_batch(request in) {
  if (ports_.batches == nullptr) co_return fail(problem::not_found, in);
  auto wanted = decode_batch(*in.body);
  if (!wanted) co_return fail(wanted.error(), in);
  const auto refused = check_here(ports_, *wanted);
  if (!refused.empty()) co_return fail(problem::validation_error, in, refused);
  auto key = key_of(in);
  if (!key) co_return fail(key.error(), in);
  auto submitting = ports_.batches->submit_batch(std::move(*wanted), *in.by, std::move(*key));
  auto admitted = co_await std::move(submitting);
  if (!admitted) co_return fail(admitted.error(), in);

  const auto span = wanted_wait(in);
  if (span) {
    auto waiting = wait_for_batch(admitted->made, in, *span);
    auto waited = co_await std::move(waiting);
    if (waited) admitted->made = std::move(*waited);
  }
  auto answer = batch_response(in, admitted->made);
  if (!span || !summarise(admitted->made).done) answer.status = 202;
  answer.headers.add("Location", "/batches/" + admitted->made.id.text());
  if (admitted->replayed) answer.headers.add("Idempotent-Replayed", "true");
  co_return answer;
}

task<response> api::get_batch(request in) {
  const auto id = batch_id::parse(in.where.id);
  if (ports_.batches == nullptr || !id) co_return fail(problem::not_found, in);
  auto finding = ports_.batches->find_batch(*id, *in.by);
  auto found = co_await std::move(finding);
  if (found && wanted_wait(in)) {
    auto waiting = wait_for_batch(*found, in, *wanted_wait(in));
    found = co_await std::move(waiting);
  }
  if (!found) co_return fail(found.error(), in);
  co_return batch_response(in, *found);
}

/// As it is once all of its jobs have ended, or after `span`, or once there is hurry.
task<result<batch>> api::wait_for_batch(batch seen, request in, std::chrono::seconds span) {
  const auto until = ports_.clock.now() + span;
  for (std::size_t place = 0; place < seen.jobs.size(); ++place) {
    const auto job = seen.jobs[place];
    if (!job || job->done()) continue;
    if (ports_.clock.now() >= until || in.hurry->is_set()) break;
    auto waiting = lookup_.wait(job, in.by, wait_for::end, until, in.hurry);
    [[maybe_unused]] const auto ended = co_await std::move(waiting);  // one that is gone has ended as well
  }
  auto finding = ports_.batches->find_batch(seen.id, *in.by);
  co_return co_await std::move(finding);
}

response api::batch_response(const request& in, const batch& batch) const {
  response answer;
  answer.body = render_batch(batch, base_url_);
  const auto etag = etag_of_document(answer.body);
  const bool known = in.head->verb != method::post && in.head->has(field::if_none_match) &&
                     matches_etag(in.head->value(field::if_none_match), etag);
  if (known) {
    answer = not_modified(etag);
  } else {
    answer.content_type = json_type;
    answer.headers.add("Cache-Control", revalidated);
    answer.headers.add("ETag", etag);
  }
  if (!summarise(batch).done) answer.headers.add("Retry-After", poll_again_after);
  if (const auto span = wanted_wait(in)) answer.headers.add("Preference-Applied", "wait=" + std::to_string(span->count()));
  return answer;
}

}  // namespace music::http
