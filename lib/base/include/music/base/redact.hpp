#pragma once

/// The second wall behind "never log a secret": scrubs text on its way into a log line.

#include <string>
#include <string_view>

namespace music {

/// From now on `redact` replaces this value wherever it stands. Called once for each configured key at start-up.
/// Values shorter than six characters are not remembered: they would blank out ordinary words. Thread-safe.
void register_secret(std::string_view value);

/// A copy with registered secrets, bearer tokens and `sk-...` keys replaced by [redacted], and with every byte that
/// could forge a log line (control characters, DEL, escape, bytes that are not UTF-8) escaped. At most 512 bytes long.
[[nodiscard]] std::string redact(std::string_view text);

}  // namespace music
