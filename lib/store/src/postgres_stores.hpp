#pragma once

#include "postgres_client.hpp"

#include <music/core/audio.hpp>
#include <music/core/ports.hpp>

namespace music::postgres {

/// The ports over a client. `holder` is the id of this instance.
[[nodiscard]] std::unique_ptr<job_store> make_job_store(std::shared_ptr<client> database, std::string holder);
[[nodiscard]] std::unique_ptr<audio_store> make_audio_store(std::shared_ptr<client> database, std::string holder);

}  // namespace music::postgres
