#pragma once

/// The wire format of MiniMax' POST /v1/music_generation.

#include <music/providers/upstream/direct_provider.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace music::minimax {

inline constexpr std::size_t longest_prompt = 2000;  ///< platform.minimax.io, music-2.6, 2026-05
inline constexpr std::size_t most_lyrics = 3500;

class codec final : public upstream::direct_codec {
 public:
  explicit codec(std::string model) : model_(std::move(model)) {}

  [[nodiscard]] upstream::wire_request encode(const song_request& request) const override;

  /// A 200 may hold a refusal: `base_resp.status_code` tells.
  [[nodiscard]] upstream::direct_answer decode(net::http_response& response, const song_request& request,
                                               wall_time now) const override;

 private:
  std::string model_;
};

/// Bytes from pairs of hexadecimal digits of either case; nothing for anything else.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view digits);

}  // namespace music::minimax
