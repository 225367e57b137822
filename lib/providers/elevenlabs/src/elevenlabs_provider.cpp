#include "elevenlabs_codec.hpp"

#include <music/providers/elevenlabs/elevenlabs_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 64 * 1024 * 1024;  // ten minutes at 320 kbit/s are 24 MB

provider_info describe() {
  return {
      .name = "elevenlabs",
      .api_name = "ElevenLabs",
      .poll = {.interval = std::chrono::milliseconds{500}, .most_polls = {}},
      .honours_duration = true,
      .honours_seed = true,
      .honours_vocals = true,
      .honours_title = true,
      .honours_lyrics = true,
      .honours_negative_tags = true,
      .honours_model = true,
      .honours_quality = true,
      .formats = {audio_format::mp3},
      .most_lyrics = elevenlabs::most_lyrics,
      .models = {"music_v2", "music_v1"},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_elevenlabs_provider(upstream::account account, net::http_client& client,
                                                           audio_store& audio, clock& clock) {
  auto service = upstream::reach(account);
  service.key_header = "xi-api-key";
  service.key_prefix = "";
  service.largest_answer = largest_answer;
  auto codec = std::make_unique<elevenlabs::codec>(std::move(account.model));
  return upstream::create_direct_provider(describe(), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
