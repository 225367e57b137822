#pragma once

/// Text from outside: UTF-8, code points, and patterns that cannot explode.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music {

/// One decoded code point and how many bytes it took.
struct decoded {
  char32_t code_point = 0;
  std::size_t bytes = 0;
};

/// Decodes the first code point. Nothing for an empty or invalid sequence: over-long forms, surrogates and values past
/// U+10FFFF are invalid (RFC 3629).
[[nodiscard]] std::optional<decoded> decode_utf8(std::string_view text) noexcept;

[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

/// Unicode code points in valid UTF-8; nothing if it is invalid.
[[nodiscard]] std::optional<std::size_t> count_code_points(std::string_view text) noexcept;

/// The first `count` code points of valid UTF-8, never cutting one in half.
[[nodiscard]] std::string_view first_code_points(std::string_view text, std::size_t count) noexcept;

/// Without leading and trailing white space (ASCII and the Unicode White_Space characters).
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// ASCII letters to lower case; every other byte stays.
[[nodiscard]] std::string to_lower_ascii(std::string_view text);

/// Compares ASCII letters without case. Beast's iequals reads past the end in 1.81, so it is not used.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// A compiled RE2 pattern: linear time on any input, Unicode classes, UTF-8 subjects. Throws `std::invalid_argument` on a
/// pattern that does not compile (a bug, found at start-up). Immutable and thread-safe.
class pattern {
 public:
  explicit pattern(std::string_view expression);
  ~pattern();
  pattern(pattern&&) noexcept;
  pattern& operator=(pattern&&) noexcept;

  /// Whether the whole text matches.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct compiled;
  std::unique_ptr<compiled> compiled_;
};

}  // namespace music
