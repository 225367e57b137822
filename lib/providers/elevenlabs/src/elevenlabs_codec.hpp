#pragma once

/// The wire format of ElevenLabs' POST /v1/music.

#include <music/providers/upstream/direct_provider.hpp>

#include <string>

namespace music::elevenlabs {

inline constexpr std::size_t longest_prompt = 4100;  ///< official OpenAPI document, 2026-08
inline constexpr std::size_t most_lyrics = 5000;     ///< 30 parts of 6000 characters

class codec final : public upstream::direct_codec {
 public:
  explicit codec(std::string model) : model_(std::move(model)) {}

  /// A prompt where that says all; a composition plan for lyrics, a seed, or things that must not be in the song, because
  /// only a plan has places for them.
  [[nodiscard]] upstream::wire_request encode(const song_request& request) const override;
  [[nodiscard]] upstream::direct_answer decode(net::http_response& response, const song_request& request,
                                               wall_time now) const override;

 private:
  std::string model_;
};

}  // namespace music::elevenlabs
