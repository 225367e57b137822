#pragma once

/// JSON as language models write it, made into JSON.

#include <string>
#include <string_view>

namespace music::openai {

struct mended_json {
  std::string text;
  bool cut = false;  ///< the object had no end: its last member may be incomplete
};

/// The first object of a text that begins with '{': line breaks inside of strings are escaped, other control characters
/// there vanish, what follows the object is left out, and an object that was cut off is closed. Whether the outcome is JSON
/// is the parser's to say.
[[nodiscard]] mended_json mend_json(std::string_view text);

}  // namespace music::openai
