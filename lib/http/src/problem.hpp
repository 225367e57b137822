#pragma once

/// What can go wrong at the HTTP level and the fixed texts that clients see. Nothing of a request, an upstream or an
/// error's private detail can get into an answer through here: every text is a function of an enumerator.

#include <music/base/error.hpp>
#include <music/core/job.hpp>
#include <music/core/request.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace music::http {

enum class problem : std::uint8_t {
  malformed_json,
  missing_parameter,
  invalid_header,
  unauthorized,
  forbidden,
  not_found,
  method_not_allowed,
  not_acceptable,
  request_timeout,
  job_not_ended,
  job_not_retryable,
  idempotency_key_in_use,
  delivery_not_ended,
  length_required,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  range_not_satisfiable,
  expectation_failed,
  validation_error,
  idempotency_key_reused,
  rate_limit,
  header_too_large,
  queue_full,
  draining,
  store_unavailable,
  busy,
  unexpected,
};

/// How a problem is told. `retry_after` is in seconds, 0 when the header is not sent.
struct problem_text {
  unsigned status;
  std::string_view error_type;
  std::string_view message;
  unsigned retry_after = 0;
};

[[nodiscard]] problem_text describe(problem what) noexcept;

/// What a port's error means to the client that asked. Codes that no port gives to `lib/http` are `unexpected`.
[[nodiscard]] problem problem_for(errc code) noexcept;

/// The error body of the contract. `time` is RFC 3339; `fields` may be empty and must not quote values.
[[nodiscard]] std::string problem_body(problem what, std::string_view time, std::string_view request_id,
                                       const std::vector<field_error>& fields = {});

}  // namespace music::http
