#pragma once

/// MiniMax Music: the answer to a request is the song, as hexadecimal text in JSON.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/account.hpp>

#include <memory>

namespace music {

/// See `create_direct_provider` for what it does with a song, and proto-docs/providers/minimax.md for the wire format.
/// Client, store and clock must outlive it. One for each shard; not thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_minimax_provider(upstream::account account, net::http_client& client,
                                                                      audio_store& audio, clock& clock);

}  // namespace music
