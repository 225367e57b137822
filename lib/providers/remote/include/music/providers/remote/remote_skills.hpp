#pragma once

/// The prompt generator and the music generator of another process of this program (ROLE=prompt, ROLE=music), behind the same
/// ports as the services that they speak to.

#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <chrono>
#include <memory>

namespace music {

struct remote_skill_options {
  net::url base;  ///< where the other process listens, e.g. https://music.example.org
  secret key;     ///< a secret of its API_KEYS; empty: none is sent
  std::chrono::seconds timeout{70};  ///< for one call; longer than the other side takes for a prompt with all its tries
};

/// POST /skills/chatgpt-prompt-generator. Client and clock must outlive it. One for each shard; not thread-safe.
[[nodiscard]] std::unique_ptr<prompt_writer> create_remote_writer(remote_skill_options options, net::http_client& client,
                                                                  clock& clock);

/// POST /skills/suno-music-generator, then GET /jobs/<id>, as the provider "remote". The Idempotency-Key is the job's id, so that
/// a submission whose answer was lost is sent again without buying a second song. Client and clock must outlive it. One for
/// each shard; not thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_remote_provider(remote_skill_options options, net::http_client& client,
                                                                     clock& clock);

}  // namespace music
