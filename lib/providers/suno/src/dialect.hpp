#pragma once

/// What a Suno gateway's wire format must say. Pure: no time but what is passed in, no I/O.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/service.hpp>

#include <string>
#include <string_view>

namespace music::suno {

using upstream::wire_request;

class dialect {
 public:
  virtual ~dialect() = default;

  [[nodiscard]] virtual wire_request encode_submission(const song_request& request) const = 0;

  /// Whatever came back for a submission that was sent: `accepted`, `refused` or `unknown`.
  [[nodiscard]] virtual submission decode_submission(const net::http_response& response, wall_time now) const = 0;

  /// `song_id` must satisfy `valid_song_id`.
  [[nodiscard]] virtual wire_request encode_poll(std::string_view song_id) const = 0;

  /// The errors that `music_provider::poll` documents.
  [[nodiscard]] virtual result<song_status> decode_poll(const net::http_response& response, std::string_view song_id,
                                                        wall_time now) const = 0;
};

using upstream::valid_song_id;

}  // namespace music::suno
