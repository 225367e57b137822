#include "problem.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {

problem_text describe(problem what) noexcept {
  switch (what) {
    case problem::malformed_json: return {400, "malformed_json", "The body is not one valid JSON object with unique names."};
    case problem::missing_parameter: return {400, "missing_parameter", "A required field is missing."};
    case problem::invalid_header: return {400, "invalid_header", "The request line, a header field or the framing is not valid."};
    case problem::unauthorized: return {401, "unauthorized", "A valid API key is required."};
    case problem::forbidden: return {403, "forbidden", "This API key, or a page of this origin, may not do that."};
    case problem::not_found: return {404, "not_found", "There is nothing here."};
    case problem::method_not_allowed: return {405, "method_not_allowed", "The method is not allowed here; see Allow."};
    case problem::not_acceptable: return {406, "not_acceptable", "Only application/json can be given."};
    case problem::request_timeout: return {408, "request_timeout", "The request did not arrive in time."};
    case problem::job_not_ended: return {409, "job_not_ended", "The job has not ended yet."};
    case problem::job_not_retryable:
      return {409, "job_not_retryable",
              "The job cannot be retried: it did not fail, or it may have been paid for and needs \"on_unknown\": \"resubmit\"."};
    case problem::idempotency_key_in_use:
      return {409, "idempotency_key_in_use", "The job of this Idempotency-Key was erased; use a new key."};
    case problem::delivery_not_ended: return {409, "delivery_not_ended", "The delivery is still to be made; it needs no other."};
    case problem::length_required: return {411, "length_required", "A body with a known length is required."};
    case problem::payload_too_large:
      return {413, "payload_too_large", "The body is larger than 65536 bytes, or 1048576 for a batch."};
    case problem::uri_too_long: return {414, "uri_too_long", "The request target is too long."};
    case problem::unsupported_media_type:
      return {415, "unsupported_media_type", "The body must be application/json in UTF-8 without content coding."};
    case problem::range_not_satisfiable: return {416, "range_not_satisfiable", "The range lies outside the file."};
    case problem::expectation_failed: return {417, "expectation_failed", "Only 100-continue can be expected."};
    case problem::validation_error: return {422, "validation_error", "The request is not valid; see errors."};
    case problem::idempotency_key_reused:
      return {422, "idempotency_key_reused", "The Idempotency-Key was used with another request."};
    case problem::rate_limit: return {429, "rate_limit", "Too many requests; try again later.", 1};
    case problem::header_too_large:
      return {431, "request_header_fields_too_large", "The header is larger than 16384 bytes or has more than 64 fields."};
    case problem::queue_full: return {429, "queue_full", "Too many jobs are waiting; try again later.", 10};
    case problem::draining: return {503, "draining", "The service is shutting down; try again soon.", 5};
    case problem::store_unavailable: return {503, "store_unavailable", "The job store is not available; try again soon.", 5};
    case problem::busy: return {503, "busy", "Too many connections; try again soon.", 1};
    case problem::unexpected: return {500, "unexpected", "Something unexpected happened."};
  }
  return {500, "unexpected", "Something unexpected happened."};
}

problem problem_for(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return problem::validation_error;
    case errc::unauthorized: return problem::unauthorized;
    case errc::forbidden: return problem::forbidden;
    case errc::not_found: return problem::not_found;
    case errc::conflict: return problem::job_not_ended;
    case errc::key_reused: return problem::idempotency_key_reused;
    case errc::key_spent: return problem::idempotency_key_in_use;
    case errc::queue_full: return problem::queue_full;
    case errc::draining: return problem::draining;
    case errc::store_unavailable: return problem::store_unavailable;
    case errc::unsupported: return problem::validation_error;
    case errc::canceled: return problem::draining;
    case errc::rate_limit:
    case errc::authentication:
    case errc::quota_exhausted:
    case errc::openai_api:
    case errc::timeout:
    case errc::request_error:
    case errc::api_error:
    case errc::invalid_response:
    case errc::content_rejected:
    case errc::generation_failed:
    case errc::generation_timeout:
    case errc::submission_unknown:
    case errc::song_unknown:
    case errc::result_unavailable:
    case errc::deadline_exceeded:
    case errc::lease_lost:
    case errc::internal: return problem::unexpected;
  }
  return problem::unexpected;
}

std::string problem_body(problem what, std::string_view time, std::string_view request_id,
                         const std::vector<field_error>& fields) {
  const auto text = describe(what);
  std::string body;
  json_writer json{body};
  json.begin_object().field("status", "error").field("error_type", text.error_type).field("message", text.message);
  json.field("timestamp", time).field("request_id", request_id);
  if (!fields.empty()) {
    json.key("errors").begin_array();
    for (const auto& wrong : fields) {
      json.begin_object().field("field", wrong.field).field("message", wrong.message).end_object();
    }
    json.end_array();
  }
  json.end_object();
  return body;
}

}  // namespace music::http
