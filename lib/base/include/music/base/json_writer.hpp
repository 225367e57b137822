#pragma once

/// Writes JSON straight into a string: no tree in between, numbers as people write them.
///
/// Boost.JSON reads for us; it does not write, because a value tree costs 12,700 instructions a job and prints 183.4 as
/// 1.834E2 (measured 2026-11).

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace music {

/// Appends to a string that the caller owns and that must outlive the writer. Commas and colons come by themselves;
/// nesting is the caller's duty (`begin_object` ... `end_object`). Text must be valid UTF-8: bytes that are not are
/// replaced by U+FFFD. Not thread-safe.
class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out) {}

  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  json_writer& key(std::string_view name);

  json_writer& value(std::string_view text);
  json_writer& value(const char* text) { return value(std::string_view{text}); }
  json_writer& value(bool flag);
  json_writer& value(double number);  ///< shortest form that reads back the same; infinities and NaN become null
  json_writer& value(std::signed_integral auto number) { return integer(static_cast<std::int64_t>(number)); }
  json_writer& value(std::unsigned_integral auto number) { return natural(static_cast<std::uint64_t>(number)); }
  json_writer& null();

  /// A value that is JSON already.
  json_writer& raw(std::string_view json);

  template <class T>
  json_writer& field(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }

 private:
  void separate();
  json_writer& integer(std::int64_t number);
  json_writer& natural(std::uint64_t number);

  std::string& out_;
  bool needs_comma_ = false;
};

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace music
