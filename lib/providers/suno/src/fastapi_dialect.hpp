#pragma once

/// SunoAI-API/Suno-API: a self-hosted FastAPI server over a Suno account.

#include "dialect.hpp"

namespace music::suno {

/// Stateless; lives as long as the program.
[[nodiscard]] const dialect& fastapi_dialect();

}  // namespace music::suno
