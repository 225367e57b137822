#pragma once

/// A request's JSON that is a list of what others are one of.

#include "json_document.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace music::http {

struct json_list {
  json_document members;                              ///< of the outermost object; the list is one of them, if it is there
  std::vector<std::optional<json_document>> elements; ///< of the list, as `parse_json_object` would read each; nothing for
                                                      ///< one that is not an object
  std::size_t count = 0;                              ///< of all elements, also of those that were too many to be kept
};

/// Reads one JSON object whose member `name` is a list of objects. The same rules as for `parse_json_object`, but that what
/// lies in the list may be as deep as a document of its own. Keeps the first `most` elements.
[[nodiscard]] std::optional<json_list> parse_json_list(std::string_view body, std::string_view name, std::size_t most);

}  // namespace music::http
