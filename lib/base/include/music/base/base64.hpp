#pragma once

/// Base64 (RFC 4648, section 4: the alphabet with '+' and '/', padded).

#include <optional>
#include <string>
#include <string_view>

namespace music {

[[nodiscard]] std::string to_base64(std::string_view bytes);

/// Nothing for anything that `to_base64` would not have written: other characters, missing or superfluous padding, bits
/// set after the end.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace music
