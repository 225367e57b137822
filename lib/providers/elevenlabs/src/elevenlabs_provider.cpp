#include "elevenlabs_codec.hpp"

#include <music/providers/elevenlabs/elevenlabs_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 64 * 1024 * 1024;  // ten minutes at 320 kbit/s are 24 MB

provider_info describe() {
  provider_info info;
  info.name = "elevenlabs";
  info.api_name = "ElevenLabs";
  info.poll.interval = std::chrono::milliseconds{500};
  info.honours_duration = true;
  info.honours_seed = true;
  info.honours_vocals = true;
  info.honours_title = true;
  info.honours_lyrics = true;
  info.honours_negative_tags = true;
  info.honours_model = true;
  info.honours_quality = true;
  info.formats = {audio_format::mp3};
  info.most_lyrics = elevenlabs::most_lyrics;
  info.models = {"music_v2", "music_v1"};
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_elevenlabs_provider(upstream::account account, net::http_client& client, audio_store& audio,
                                                           clock& clock) {
  upstream::service_options service;
  service.api_name = "ElevenLabs";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.key_header = "xi-api-key";
  service.key_prefix = "";
  service.timeout = account.timeout;
  service.largest_answer = largest_answer;
  auto codec = std::make_unique<elevenlabs::codec>(std::move(account.model));
  return upstream::create_direct_provider(describe(), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
