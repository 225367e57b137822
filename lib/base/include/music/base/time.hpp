#pragma once

/// Wall-clock time as the service writes and reads it. Waiting uses the steady clock of `music/async/clock.hpp` instead.

#include <music/base/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace music {

/// UTC, milliseconds since 1970.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// RFC 3339 in UTC with milliseconds, always 24 characters: 2026-02-15T10:30:45.123Z
[[nodiscard]] std::string to_rfc3339(wall_time time);

/// Reads exactly what `to_rfc3339` writes.
[[nodiscard]] std::optional<wall_time> parse_rfc3339(std::string_view text);

/// RFC 9110 IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
[[nodiscard]] std::string to_http_date(wall_time time);

/// A duration as people write it in configuration: `90` and `90s` are seconds, then `15m`, `24h`, `7d`. Not negative, at
/// most ten years. Error: `invalid_argument`.
[[nodiscard]] result<std::chrono::seconds> parse_duration(std::string_view text);

/// RFC 9110 Retry-After: seconds, or one of the three HTTP date forms, as a span from `now`. Dates in the past give zero;
/// anything else gives nothing. Capped at one day, so that a hostile value cannot park a job.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, wall_time now);

}  // namespace music
