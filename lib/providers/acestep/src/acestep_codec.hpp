#pragma once

/// The wire format of ACE-Step 1.5's own server: POST /release_task, POST /query_result, GET /v1/audio.

#include <music/providers/upstream/queued_provider.hpp>

#include <string>
#include <string_view>

namespace music::acestep {

inline constexpr std::size_t most_lyrics = 4096;

/// A song's id is the task's and the second in which it was accepted, joined by ':'. A task that waits or runs has a clip that
/// tells its stage. One of which the server says nothing ("[]") is too new, or forgotten (its queue is in memory): only the
/// age tells them apart.
class codec final : public upstream::queued_codec {
 public:
  /// An empty model is the server's own choice.
  explicit codec(std::string model) : model_(std::move(model)) {}

  [[nodiscard]] upstream::wire_request encode_submission(const song_request& request) const override;
  [[nodiscard]] submission decode_submission(const net::http_response& response, wall_time now) const override;
  [[nodiscard]] result<upstream::wire_request> encode_poll(std::string_view song_id) const override;
  [[nodiscard]] result<song_status> decode_poll(const net::http_response& response, std::string_view song_id,
                                                wall_time now) const override;

 private:
  std::string model_;
};

}  // namespace music::acestep
