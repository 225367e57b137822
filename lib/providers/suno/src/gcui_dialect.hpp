#pragma once

/// gcui-art/suno-api: a self-hosted Next.js server over a Suno account.

#include "dialect.hpp"

namespace music::suno {

/// Stateless; lives as long as the program.
[[nodiscard]] const dialect& gcui_dialect();

}  // namespace music::suno
