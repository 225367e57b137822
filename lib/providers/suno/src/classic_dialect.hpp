#pragma once

/// The design document's wire format (contract, section 7).

#include "dialect.hpp"

namespace music::suno {

/// Stateless; lives as long as the program.
[[nodiscard]] const dialect& classic_dialect();

}  // namespace music::suno
