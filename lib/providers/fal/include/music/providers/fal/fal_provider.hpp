#pragma once

/// Music models on fal's queue.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/account.hpp>

#include <memory>

namespace music {

/// The wire format is told in proto-docs/providers/fal.md. Client and clock must outlive it. One for each shard; not
/// thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_fal_provider(upstream::account account, net::http_client& client,
                                                                  clock& clock);

}  // namespace music
