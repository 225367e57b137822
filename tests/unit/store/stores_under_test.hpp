#pragma once

/// The stores that a test program runs over: `test_store` over those that need nothing, `test_store_postgres` over
/// PostgreSQL. Each program has a source file of its own for these functions.

#include <music/core/audio.hpp>
#include <music/core/ports.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace music::test {

[[nodiscard]] std::vector<std::string> job_store_kinds();

/// A store with nothing in it. `directory` is new, for stores that need one.
[[nodiscard]] std::unique_ptr<job_store> open_job_store(const std::string& kind, const std::filesystem::path& directory);

[[nodiscard]] std::vector<std::string> audio_store_kinds();
[[nodiscard]] std::unique_ptr<audio_store> open_audio_store(const std::string& kind, const std::filesystem::path& directory);

}  // namespace music::test
