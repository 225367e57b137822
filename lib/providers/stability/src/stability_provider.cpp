#include "stability_codec.hpp"

#include <music/providers/stability/stability_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 64 * 1024 * 1024;  // 190 s of WAV are 34 MB

provider_info describe() {
  provider_info info;
  info.name = "stability";
  info.api_name = "Stability";
  info.poll.interval = std::chrono::milliseconds{500};
  info.honours_duration = true;
  info.honours_seed = true;
  info.honours_title = true;
  info.honours_model = true;
  info.honours_quality = true;
  info.formats = {audio_format::mp3, audio_format::wav};
  info.longest_duration = stability::longest_song;
  info.models = {"stable-audio-2.5", "stable-audio-2"};
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_stability_provider(upstream::account account, net::http_client& client, audio_store& audio,
                                                          clock& clock) {
  upstream::service_options service;
  service.api_name = "Stability";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.timeout = account.timeout;
  service.largest_answer = largest_answer;
  auto codec = std::make_unique<stability::codec>(std::move(account.model));
  return upstream::create_direct_provider(describe(), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
