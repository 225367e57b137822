#pragma once

/// The grammars of the request fields that the service understands. Pure functions over single values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music::http {

/// Idempotency-Key: 1-255 visible ASCII characters, bare or as a quoted string (RFC 8941, 3.3.3), which mean the same.
/// Nothing for anything else.
[[nodiscard]] std::optional<std::string> parse_idempotency_key(std::string_view value);

/// Prefer (RFC 7240): the seconds of the first `wait`. Other preferences, and a `wait` that is not a whole number, are
/// ignored, as the RFC asks.
[[nodiscard]] std::optional<std::chrono::seconds> parse_wait(std::string_view prefer);

/// Last-Event-ID (WHATWG HTML, 9.2.4) as this service gives ids: a version. Nothing for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_event_id(std::string_view value) noexcept;

/// If-None-Match (RFC 9110, 13.1.2): whether `*` or one of the listed tags equals `etag` (with its quotes) by weak
/// comparison. A malformed list matches nothing.
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept;

/// A part of a file: `length` bytes from `first` on.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t length = 0;

  friend bool operator==(const byte_range&, const byte_range&) = default;
};

enum class range_outcome : std::uint8_t { whole, part, unsatisfiable };

struct range_choice {
  range_outcome outcome = range_outcome::whole;
  byte_range part{};
};

/// Range (RFC 9110, 14.2) of a file of `size` bytes. One range of bytes, open and suffix forms included; several ranges,
/// other units and malformed values get the whole file, as the RFC allows.
[[nodiscard]] range_choice choose_range(std::string_view range, std::uint64_t size) noexcept;

/// Whether the body is JSON in UTF-8: application/json, at most with charset=utf-8.
[[nodiscard]] bool is_json(std::string_view content_type) noexcept;

/// Whether Accept (empty counts as missing) allows application/json.
[[nodiscard]] bool accepts_json(std::string_view accept) noexcept;

/// A client's own X-Request-Id, kept if it is 1-128 characters of A-Z a-z 0-9 _ - .
[[nodiscard]] bool is_request_id(std::string_view value) noexcept;

/// Content-Disposition (RFC 6266) for a song: `inline` with an ASCII fallback and, if the title has other characters, the
/// UTF-8 form. Nothing of the title can end the quoted string, name another folder or begin a hidden file.
[[nodiscard]] std::string content_disposition(std::string_view title, std::string_view extension);

}  // namespace music::http
