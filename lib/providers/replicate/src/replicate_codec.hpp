#pragma once

/// The wire format of Replicate's predictions.

#include <music/providers/upstream/queued_provider.hpp>

#include <string>
#include <string_view>

namespace music::replicate {

/// Which fields a model's input has; found by the model's name, because each model has its own.
enum class family : std::uint8_t { stable_audio, musicgen, minimax, lyria, ace_step, other };

[[nodiscard]] family family_of(std::string_view model) noexcept;

/// Seconds; more is cut.
[[nodiscard]] double longest_duration(family kind) noexcept;

class codec final : public upstream::queued_codec {
 public:
  /// `model` is "owner/name" for an official model, or "owner/name:version".
  explicit codec(std::string model) : model_(std::move(model)), family_(family_of(model_)) {}

  [[nodiscard]] upstream::wire_request encode_submission(const song_request& request) const override;
  [[nodiscard]] submission decode_submission(const net::http_response& response, wall_time now) const override;
  [[nodiscard]] result<upstream::wire_request> encode_poll(std::string_view song_id) const override;
  [[nodiscard]] result<song_status> decode_poll(const net::http_response& response, std::string_view song_id,
                                                wall_time now) const override;

 private:
  std::string model_;
  family family_;
};

}  // namespace music::replicate
