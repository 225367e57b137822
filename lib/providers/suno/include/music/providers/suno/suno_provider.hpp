#pragma once

/// The music provider over Suno gateways: one client, one wire format ("dialect") each.

#include <music/async/task_group.hpp>
#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/core/song_callbacks.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/suno/song_inbox.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

/// Which gateway's wire format: the values of SUNO_DIALECT.
enum class suno_dialect : std::uint8_t {
  classic,  ///< the design document's: POST /v1/generate, GET /v1/songs/{id}
  sunoapi,  ///< sunoapi.org and its mirrors: two songs for a task, calls back
  kie,      ///< kie.ai's older interface: sunoapi's paths, other meanings of the codes
  gcui,     ///< gcui-art/suno-api, self-hosted: two clips, many clips in one poll
  fastapi,  ///< SunoAI-API/Suno-API, self-hosted: two clips, many clips in one poll
};

[[nodiscard]] std::string_view name(suno_dialect dialect) noexcept;
[[nodiscard]] std::optional<suno_dialect> parse_suno_dialect(std::string_view text) noexcept;

/// Where the gateway is if nobody says so; empty for those that people host themselves.
[[nodiscard]] std::string_view usual_base_url(suno_dialect dialect) noexcept;

/// Whether the gateway wants an API key. The self-hosted ones have none: the network protects them.
[[nodiscard]] bool needs_key(suno_dialect dialect) noexcept;

struct suno_options {
  net::url base;  ///< e.g. https://api.suno.ai
  secret key;     ///< empty: no Authorization header, as self-hosted gateways want it
  secret cookie;  ///< gcui: the Suno account's cookie, if the gateway has none of its own
  std::string model;                    ///< what a request without one gets; empty: the dialect's
  std::string callback_base;            ///< "https://host": where the gateway reaches us; empty: it is given no address
  std::chrono::seconds timeout{60};  ///< for one API call, and for the next bytes of a download; inside the caller's deadline
  std::chrono::seconds retry_delay{2};  ///< between polls
  int max_retries = 30;  ///< polls of one song; 0: until its deadline
  bool learned_pace = false;  ///< polls follow what recent songs took instead of `retry_delay`
  suno_dialect dialect = suno_dialect::classic;
};

/// What a provider works with besides its client. Without an inbox it hears nothing and every song is polled by itself.
struct suno_surroundings {
  song_inbox* inbox = nullptr;
  task_group* tasks = nullptr;  ///< for requests that several songs share
};

/// Every call sends one request and follows no redirect. The key goes to the base's origin only: audio elsewhere is fetched
/// without it, over https from public addresses. Everything passed in must outlive it. One for each shard; not thread-safe.
/// Cancelling closes the connection (but not that of a poll that other songs share); a submission that was cancelled may have
/// been accepted.
[[nodiscard]] std::unique_ptr<music_provider> create_suno_provider(suno_options options, net::http_client& client, clock& clock,
                                                                   suno_surroundings around = {});

/// One shard's inbox and where it lives.
struct shard_inbox {
  executor ex;
  song_inbox* inbox = nullptr;
};

/// Checks callbacks' tokens, which `key` made, and hands what they say to every shard: who waits for the song is known there
/// alone. Thread-safe; the inboxes must outlive it.
[[nodiscard]] std::unique_ptr<song_callbacks> create_suno_callbacks(suno_dialect dialect, secret key,
                                                                    std::vector<shard_inbox> shards);

}  // namespace music
