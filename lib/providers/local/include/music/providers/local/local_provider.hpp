#pragma once

/// The embedded music provider: composes a song from the words and renders it on this machine.

#include <music/async/blocking_pool.hpp>
#include <music/async/task_group.hpp>
#include <music/core/ports.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace music {

struct local_options {
  std::string soundfont;                             ///< path of a General MIDI SF2 or SF3 file
  std::size_t max_renders = 2;                       ///< at once, of this provider; others wait in line
  std::uint64_t max_kept_bytes = 256 * 1024 * 1024;  ///< finished songs that nobody has fetched; the oldest go first
  std::chrono::seconds keep_for{300};                ///< after that a finished song that nobody has fetched goes
};

/// Free, without network. A song lives in memory until it is fetched once; after a restart its id is unknown, and the same
/// request gives the same song again, so nothing is lost by submitting anew.
///
/// One for each shard; not thread-safe. `renderers` may be shared among shards; it runs a song for about 1/20 of its
/// length. `tasks` owns the renders' tasks and must be drained, or its event loop have ended, before it goes. Pool, clock
/// and group must outlive the provider; the pool must be joined before the shard's context goes. Destroying the provider
/// or cancelling the group asks every render to stop and waits for none of them; cancelling a call stops no render.
[[nodiscard]] std::unique_ptr<music_provider> create_local_provider(local_options options, blocking_pool& renderers, clock& clock,
                                                                    task_group& tasks);

}  // namespace music
