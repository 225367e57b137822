#pragma once

/// Music services whose answer to a submission is the song itself.

#include <music/providers/upstream/kept_songs.hpp>
#include <music/providers/upstream/service.hpp>

#include <memory>
#include <variant>

namespace music::upstream {

/// The song, or what became of the submission instead: never `accepted`.
using direct_answer = std::variant<received_song, submission>;

/// The wire format of one such service. Pure: no time but what is passed in, no I/O.
class direct_codec {
 public:
  virtual ~direct_codec() = default;

  [[nodiscard]] virtual wire_request encode(const song_request& request) const = 0;

  /// Reads the answer to `encode(request)`; may take its body.
  [[nodiscard]] virtual direct_answer decode(net::http_response& response, const song_request& request, wall_time now) const = 0;
};

/// Bytes that must be audio. A 2xx with anything else may have been charged: `unknown`.
[[nodiscard]] direct_answer song_from(std::string bytes, std::string title, double duration_seconds);

/// A submission takes as long as the song, because its answer is the song: it is held in memory until it is durable in
/// `audio`, and only then the submission counts as accepted. What the deadline cuts off was paid for and is lost, so a song is
/// not begun with less than `options.least_time` (or `options.timeout`, if that is shorter) left: `not_sent`. Polling and
/// fetching ask nobody outside. The log calls the service as `info` does. Client, clock and store must outlive it. One for each
/// shard; not thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_direct_provider(provider_info info, service_options options,
                                                                     std::unique_ptr<const direct_codec> codec,
                                                                     net::http_client& client, audio_store& audio, clock& clock);

}  // namespace music::upstream
