#pragma once

/// A request's header as the service sees it: the fields that it needs, where they lie, and how often they came.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music::http {

enum class method : std::uint8_t { get, head, post, del, options, other };

/// As it stands in a log line; methods that no endpoint has are "_OTHER".
[[nodiscard]] std::string_view name(method verb) noexcept;

/// The fields that mean something to this service; all others are counted and forgotten.
enum class field : std::uint8_t {
  host,
  authorization,
  content_type,
  content_encoding,
  content_length,
  transfer_encoding,
  idempotency_key,
  if_none_match,
  if_range,
  range,
  prefer,
  accept,
  expect,
  request_id,
  last_event_id,
  origin,
  mcp_protocol_version,
  mcp_method,
  mcp_name,
};
inline constexpr std::size_t field_kinds = 19;

/// Holds positions, not bytes: the bytes stay in the connection's buffer, which may move while the rest of the request
/// arrives (`rebase`). A snapshot: nothing that comes after the header (trailers above all) can change it.
class request_head {
 public:
  method verb = method::other;
  bool http_1_1 = false;
  bool keep_alive = false;
  std::optional<std::uint64_t> content_length;

  [[nodiscard]] std::string_view target() const noexcept { return view(target_); }
  [[nodiscard]] bool has(field which) const noexcept { return seen_[index(which)] > 0; }
  [[nodiscard]] unsigned count(field which) const noexcept { return seen_[index(which)]; }

  /// The value without surrounding white space; empty when the field is missing. Where a list field came in several lines,
  /// their values joined by commas (RFC 9110, 5.3).
  [[nodiscard]] std::string_view value(field which) const noexcept { return view(values_[index(which)]); }

  /// Whether the client sends a body, even an empty one.
  [[nodiscard]] bool announces_body() const noexcept { return has(field::content_length) || has(field::transfer_encoding); }
  [[nodiscard]] bool chunked() const noexcept { return has(field::transfer_encoding); }

  // --- for the parser -------------------------------------------------------------------------------------------------

  /// Where the header's first byte lies now.
  void rebase(const char* first) noexcept { first_ = first; }
  void set_target(std::string_view text) noexcept { target_ = place(text); }
  void add(field which, std::string_view text);

 private:
  struct span {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    bool joined = false;  ///< lies in `joined_` instead of the buffer
  };

  static constexpr std::size_t index(field which) noexcept { return static_cast<std::size_t>(which); }
  [[nodiscard]] span place(std::string_view text) const noexcept;
  [[nodiscard]] std::string_view view(const span& at) const noexcept;

  const char* first_ = nullptr;
  span target_;
  std::array<span, field_kinds> values_{};
  std::array<std::uint8_t, field_kinds> seen_{};
  std::string joined_;
};

}  // namespace music::http
