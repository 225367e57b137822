#pragma once

namespace music::service {

/// No core dumps, and nobody but root reads this process's memory or environment: keys live in both. Call it before the
/// environment is read. Not in sanitizer builds, whose leak check attaches to the process.
void protect_process();

}  // namespace music::service
