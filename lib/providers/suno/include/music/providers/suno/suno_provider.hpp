#pragma once

/// The music provider over Suno gateways: one client, one wire format ("dialect") each.

#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace music {

/// Which gateway's wire format: the values of SUNO_DIALECT.
enum class suno_dialect : std::uint8_t {
  classic,  ///< the design document's: POST /v1/generate, GET /v1/songs/{id}
};

[[nodiscard]] std::string_view name(suno_dialect dialect) noexcept;
[[nodiscard]] std::optional<suno_dialect> parse_suno_dialect(std::string_view text) noexcept;

struct suno_options {
  net::url base;  ///< e.g. https://api.suno.ai
  secret key;     ///< empty: no Authorization header, as self-hosted gateways want it
  std::chrono::seconds timeout{60};     ///< for one API call, and for the next bytes of a download; inside the caller's deadline
  std::chrono::seconds retry_delay{2};  ///< between polls
  int max_retries = 30;                 ///< polls of one song
  suno_dialect dialect = suno_dialect::classic;
};

/// Every call sends one request and follows no redirect. The key goes to the base's origin only: audio elsewhere is fetched
/// without it, over https from public addresses. Client and clock must outlive it. One for each shard; not thread-safe.
/// Cancelling closes the connection; a submission that was cancelled may have been accepted.
[[nodiscard]] std::unique_ptr<music_provider> create_suno_provider(suno_options options, net::http_client& client, clock& clock);

}  // namespace music
