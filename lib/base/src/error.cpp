#include <music/base/error.hpp>

#include <stdexcept>

namespace music {

std::string_view name(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "invalid_argument";
    case errc::unauthorized: return "unauthorized";
    case errc::forbidden: return "forbidden";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::key_reused: return "idempotency_key_reused";
    case errc::key_spent: return "idempotency_key_in_use";
    case errc::queue_full: return "queue_full";
    case errc::draining: return "draining";
    case errc::rate_limit: return "rate_limit";
    case errc::authentication: return "authentication";
    case errc::quota_exhausted: return "quota_exhausted";
    case errc::openai_api: return "openai_api";
    case errc::timeout: return "timeout";
    case errc::request_error: return "request_error";
    case errc::api_error: return "api_error";
    case errc::invalid_response: return "invalid_response";
    case errc::content_rejected: return "content_rejected";
    case errc::generation_failed: return "generation_failed";
    case errc::generation_timeout: return "generation_timeout";
    case errc::submission_unknown: return "submission_unknown";
    case errc::song_unknown: return "song_unknown";
    case errc::result_unavailable: return "result_unavailable";
    case errc::deadline_exceeded: return "deadline_exceeded";
    case errc::canceled: return "canceled";
    case errc::store_unavailable: return "store_unavailable";
    case errc::lease_lost: return "lease_lost";
    case errc::unsupported: return "unsupported";
    case errc::internal: return "internal";
  }
  return "internal";
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  throw std::logic_error(std::string{"result::value() on an error: "} + std::string{name(failure.code)} + " at " +
                         where.to_string());
}

}  // namespace music
