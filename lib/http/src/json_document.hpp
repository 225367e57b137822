#pragma once

/// A request's JSON as a flat list of members, read without a tree.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::http {

enum class json_kind : std::uint8_t { null, boolean, number, text, object, array };

/// One member of the outermost object, or (with a greater `depth`) of an object in it.
struct json_member {
  unsigned depth = 1;
  std::string name;
  json_kind kind = json_kind::null;
  std::string text;              ///< kind text
  bool flag = false;             ///< kind boolean
  double number = 0;             ///< kind number; not finite if it was out of range
  std::vector<std::string> texts{};  ///< kind array
  bool only_texts = true;            ///< kind array: false if it holds anything but texts
};

/// Members in document order; those of an inner object follow the member that holds it.
using json_document = std::vector<json_member>;

/// Reads one JSON object (RFC 8259): valid UTF-8, at most eight levels, nothing after it. A name that comes twice in one
/// object is refused, also when one of the two is written with escapes; Boost.JSON would keep the last silently. Nothing
/// for everything else. Members deeper than `deepest` are checked for their syntax and dropped, as is what lies in arrays but
/// for the texts of a member's own.
[[nodiscard]] std::optional<json_document> parse_json_object(std::string_view body, unsigned deepest = 2);

/// The outermost member of that name, or null. Valid as long as the document is not changed.
[[nodiscard]] const json_member* find_member(const json_document& document, std::string_view name) noexcept;

/// What the outermost member of that name holds, as a document of its own; empty if it is not there or not an object.
[[nodiscard]] json_document members_of(const json_document& document, std::string_view name);

}  // namespace music::http
