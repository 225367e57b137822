#pragma once

/// The wire format of fal's queue: POST /<model>, then the request's status, then its result.

#include <music/providers/upstream/queued_provider.hpp>

#include <string>
#include <string_view>

namespace music::fal {

/// Which fields a model's input has; found by the model's path, because each model has its own.
enum class family : std::uint8_t { elevenlabs, minimax, stable_audio, ace_step, lyria, other };

[[nodiscard]] family family_of(std::string_view model) noexcept;

/// Characters; MiniMax' limit is its own, the other models' is the domain's.
[[nodiscard]] constexpr std::size_t most_lyrics(family kind) noexcept { return kind == family::minimax ? 3500 : longest_lyrics; }

/// A song's id is its application and its request's id, joined by ':': "fal-ai:elevenlabs:764cabcf-…". Their status is
/// found below the application, which is shorter than the model's path.
class codec final : public upstream::queued_codec {
 public:
  /// `model` is a path such as "fal-ai/elevenlabs/music/v2".
  explicit codec(std::string model) : model_(std::move(model)), family_(family_of(model_)) {}

  [[nodiscard]] upstream::wire_request encode_submission(const song_request& request) const override;
  [[nodiscard]] submission decode_submission(const net::http_response& response, wall_time now) const override;
  [[nodiscard]] result<upstream::wire_request> encode_poll(std::string_view song_id) const override;
  [[nodiscard]] result<song_status> decode_poll(const net::http_response& response, std::string_view song_id,
                                                wall_time now) const override;
  [[nodiscard]] std::optional<upstream::wire_request> encode_result(std::string_view song_id) const override;
  [[nodiscard]] result<song_status> decode_result(const net::http_response& response, std::string_view song_id,
                                                  wall_time now) const override;

 private:
  std::string model_;
  family family_;
};

}  // namespace music::fal
