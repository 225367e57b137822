#pragma once

/// sunoapi.org and kie.ai's older interface: one task, asked for by `record-info`. The same paths and bodies; the codes in
/// them mean different things (429 is "no credits" at one and "too fast" at the other).

#include "dialect.hpp"

namespace music::suno {

/// Stateless; live as long as the program.
[[nodiscard]] const dialect& sunoapi_dialect();
[[nodiscard]] const dialect& kie_dialect();

}  // namespace music::suno
