#pragma once

/// The wire format of Stability's POST /v2beta/audio/stable-audio-2/text-to-audio.

#include <music/providers/upstream/direct_provider.hpp>

#include <string>

namespace music::stability {

inline constexpr double longest_song = 190;  ///< seconds; Stable Audio 2.0 and 2.5, 2026-11

class codec final : public upstream::direct_codec {
 public:
  explicit codec(std::string model) : model_(std::move(model)) {}

  /// A multipart form (RFC 7578): the service takes nothing else, even without files.
  [[nodiscard]] upstream::wire_request encode(const song_request& request) const override;
  [[nodiscard]] upstream::direct_answer decode(net::http_response& response, const song_request& request,
                                               wall_time now) const override;

 private:
  std::string model_;
};

}  // namespace music::stability
