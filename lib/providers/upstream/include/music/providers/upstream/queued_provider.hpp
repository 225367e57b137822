#pragma once

/// Music services that take a submission, are asked how far it is, and then name a link to the song.

#include <music/providers/upstream/service.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music::upstream {

/// The wire format of one such service. Pure: no time but what is passed in, no I/O. A song id that it is given satisfies
/// `valid_song_id`.
class queued_codec {
 public:
  virtual ~queued_codec() = default;

  [[nodiscard]] virtual wire_request encode_submission(const song_request& request) const = 0;

  /// Whatever came back for a submission that was sent: `accepted`, `refused` or `unknown`.
  [[nodiscard]] virtual submission decode_submission(const net::http_response& response, wall_time now) const = 0;

  /// Error: `song_unknown`, for an id that this service cannot have given.
  [[nodiscard]] virtual result<wire_request> encode_poll(std::string_view song_id) const = 0;

  /// The errors that `music_provider::poll` documents. Complete without tracks: `encode_result` tells them.
  [[nodiscard]] virtual result<song_status> decode_poll(const net::http_response& response, std::string_view song_id,
                                                        wall_time now) const = 0;

  /// The request for the links of a finished song, where its status does not name them.
  [[nodiscard]] virtual std::optional<wire_request> encode_result(std::string_view song_id) const;

  [[nodiscard]] virtual result<song_status> decode_result(const net::http_response& response, std::string_view song_id,
                                                          wall_time now) const;
};

/// The log calls the service as `info` does. Client and clock must outlive it. One for each shard; not thread-safe.
[[nodiscard]] std::unique_ptr<music_provider> create_queued_provider(provider_info info, service_options options,
                                                                     std::unique_ptr<const queued_codec> codec,
                                                                     net::http_client& client, clock& clock);

}  // namespace music::upstream
