#pragma once

/// Stability's Stable Audio: the answer to a form is the song. Instrumental music only.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/account.hpp>

#include <memory>

namespace music {

/// See `create_direct_provider` for what it does with a song, and proto-docs/providers/stability.md for the wire format.
/// Client, store and clock must outlive it. One for each shard; not thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_stability_provider(upstream::account account, net::http_client& client,
                                                                        audio_store& audio, clock& clock);

}  // namespace music
