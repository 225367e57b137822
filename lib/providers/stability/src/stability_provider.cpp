#include "stability_codec.hpp"

#include <music/providers/stability/stability_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 64 * 1024 * 1024;  // 190 s of WAV are 34 MB

provider_info describe() {
  return {
      .name = "stability",
      .api_name = "Stability",
      .poll = {.interval = std::chrono::milliseconds{500}, .most_polls = {}},
      .honours_duration = true,
      .honours_seed = true,
      .honours_title = true,
      .honours_model = true,
      .honours_quality = true,
      .formats = {audio_format::mp3, audio_format::wav},
      .longest_duration = stability::longest_song,
      .models = {"stable-audio-2.5", "stable-audio-2"},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_stability_provider(upstream::account account, net::http_client& client, audio_store& audio,
                                                          clock& clock) {
  auto service = upstream::reach(account);
  service.largest_answer = largest_answer;
  auto codec = std::make_unique<stability::codec>(std::move(account.model));
  return upstream::create_direct_provider(describe(), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
