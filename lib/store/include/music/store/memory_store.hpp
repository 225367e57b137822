#pragma once

/// Stores that never touch the disk (`JOB_STORE=memory`): what they hold ends with the process.

#include <music/core/audio.hpp>
#include <music/core/ports.hpp>

#include <memory>

namespace music {

/// Thread-safe. Every function completes without suspending, so cancelling it has no effect. Listing costs the page that
/// is asked for, not what is stored, for every filter that the service uses (owner, unfinished, expired); a filter by an
/// ended status looks through the owner's jobs. Never fails with `store_unavailable`.
[[nodiscard]] std::unique_ptr<job_store> create_memory_job_store();

/// Thread-safe; completes without suspending. Readers stay valid when their file is erased and when the store is gone.
[[nodiscard]] std::unique_ptr<audio_store> create_memory_audio_store();

}  // namespace music
