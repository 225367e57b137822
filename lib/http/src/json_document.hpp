#pragma once

/// A request's JSON as a flat list of members, read without a tree.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::http {

enum class json_kind : std::uint8_t { null, boolean, number, text, object, array };

/// One member of the outermost object, or (with `depth` 2) of an object in it. What lies deeper is checked for its syntax
/// and dropped: no request of ours goes deeper.
struct json_member {
  unsigned depth = 1;
  std::string name;
  json_kind kind = json_kind::null;
  std::string text;              ///< kind text
  bool flag = false;             ///< kind boolean
  double number = 0;             ///< kind number; not finite if it was out of range
};

/// Members in document order; those of an inner object follow the member that holds it.
using json_document = std::vector<json_member>;

/// Reads one JSON object (RFC 8259): valid UTF-8, at most eight levels, nothing after it. A name that comes twice in one
/// object is refused, also when one of the two is written with escapes; Boost.JSON would keep the last silently. Nothing
/// for everything else.
[[nodiscard]] std::optional<json_document> parse_json_object(std::string_view body);

}  // namespace music::http
