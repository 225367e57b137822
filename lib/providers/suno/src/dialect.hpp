#pragma once

/// What a Suno gateway's wire format must say. Pure: no time but what is passed in, no I/O.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <string>
#include <string_view>

namespace music::suno {

/// A request below the configured base URL.
struct wire_request {
  net::http_method method = net::http_method::get;
  std::string path;  ///< begins with '/', already percent-encoded
  std::string body;  ///< JSON, or empty
};

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

/// 1 to 128 of A-Z a-z 0-9 _ - . : and not only dots. What does not match never enters a URL.
[[nodiscard]] bool valid_song_id(std::string_view id) noexcept;

}  // namespace music::suno
