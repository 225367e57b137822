#pragma once

/// Reading what a JSON service answered. Everything in it is untrusted: sizes are capped by the HTTP client, depth here,
/// and nothing of it is ever logged or shown.

#include <music/base/error.hpp>
#include <music/base/time.hpp>
#include <music/net/http_client.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music::upstream {

namespace json = boost::json;

/// Whether the status is a 2xx.
[[nodiscard]] inline bool succeeded(const net::http_response& response) noexcept {
  return response.status >= 200 && response.status <= 299;
}

/// The body as JSON, at most 32 deep and with at most 100,000 commas (its tree would be many times its size). Of a name that comes
/// twice the last value counts. The media type must be JSON, plain text (which small servers say) or absent: an HTML page is
/// refused even if it parses. Error: `invalid_response`.
[[nodiscard]] result<json::value> read_value(const net::http_response& response);

/// As `read_value`, and it must be an object.
[[nodiscard]] result<json::object> read_object(const net::http_response& response);

/// The member's text; nothing if it is absent or no string. The view lives as long as the object.
[[nodiscard]] std::optional<std::string_view> text_of(const json::object& from, std::string_view member);

/// The member as a whole number; integers, and doubles that are integers, from 0 to 2^53.
[[nodiscard]] std::optional<std::int64_t> natural_of(const json::object& from, std::string_view member);

/// The member as an object; null if it is absent or something else.
[[nodiscard]] const json::object* object_of(const json::object& from, std::string_view member);

/// What an error body says, whatever its form: nested `{"error":{"message","type","code"}}`, flat (vLLM, llama.cpp),
/// `{"error":"text"}`, `{"detail":…}` (FastAPI), `{"code":429,"msg":…}` (gateways). Only for telling causes apart.
struct complaint {
  std::string words;  ///< message, type and code in lower case, at most 4 KiB; never logged or shown
  std::optional<int> code;  ///< a number that the body calls its code, or a code of digits

  /// Whether one of the words stands anywhere in it; `words` must be lower case.
  [[nodiscard]] bool says(std::initializer_list<std::string_view> any_of) const;
};

[[nodiscard]] complaint read_complaint(const json::object& body);

/// As above; a body that is no JSON object gives an empty complaint.
[[nodiscard]] complaint read_complaint(const net::http_response& response);

/// How long the upstream asks to wait: `retry-after-ms` (rounded up to seconds), else `Retry-After` (RFC 9110 10.2.3).
/// At most a day; what cannot be read counts as absent.
[[nodiscard]] std::optional<std::chrono::seconds> wait_asked_for(const net::http_response& response, wall_time now);

/// The upstream's own name for the exchange, for log lines: `x-request-id`, at most 64 visible characters.
[[nodiscard]] std::string request_id_of(const net::http_response& response);

/// The failure of an exchange as the ports know it: `timeout` and `request_error` are transient; `invalid_response` is
/// not; what the request itself was refused for counts as `api_error`.
[[nodiscard]] error failure_of(const net::exchange_failure& failure);

/// An error that the same call may not meet again.
[[nodiscard]] error passing(errc code, std::string detail, std::optional<std::chrono::seconds> retry_after = std::nullopt);

}  // namespace music::upstream
