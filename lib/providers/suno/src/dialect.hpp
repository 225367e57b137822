#pragma once

/// What a Suno gateway's wire format must say. Pure: no time but what is passed in, no I/O.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/suno/song_inbox.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/service.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace music::suno {

using upstream::wire_request;

/// What the client adds to the domain's request.
struct submission_terms {
  std::string model;         ///< the request's, else the configured one, else the dialect's; empty where it has none
  std::string callback_url;  ///< empty: nobody listens
};

/// What a callback says: never more than a reason to poll.
struct callback {
  std::string song_id;
  song_stage stage = song_stage::begun;
};

/// What a gateway is, whoever asks.
struct traits {
  std::string_view default_model;              ///< empty: the format has no model
  std::span<const std::string_view> models;    ///< names that are known to work
  std::size_t songs_a_poll = 1;                ///< how many songs one request may ask for
  bool calls_back = false;
  bool custom_songs = false;                   ///< takes title, lyrics, negative tags and model
  bool durations = false;
};

class dialect {
 public:
  virtual ~dialect() = default;

  [[nodiscard]] virtual const traits& about() const noexcept = 0;

  /// Texts are cut to the model's limits; everything else goes as it is.
  [[nodiscard]] virtual wire_request encode_submission(const song_request& request, const submission_terms& terms) const = 0;

  /// Whatever came back for a submission that was sent: `accepted`, `refused` or `unknown`.
  [[nodiscard]] virtual submission decode_submission(const net::http_response& response, wall_time now) const = 0;

  /// From one to `songs_a_poll` songs, each of which must satisfy `valid_song_id`.
  [[nodiscard]] virtual wire_request encode_poll(std::span<const std::string> songs) const = 0;

  /// One outcome for each of the songs that were asked for, in their order. The errors that `music_provider::poll` documents.
  [[nodiscard]] virtual std::vector<result<song_status>> decode_poll(const net::http_response& response,
                                                                     std::span<const std::string> songs, wall_time now) const = 0;

  /// Nothing if the body is no callback of this gateway.
  [[nodiscard]] virtual std::optional<callback> decode_callback(std::string_view) const { return std::nullopt; }
};

using upstream::valid_song_id;

}  // namespace music::suno
