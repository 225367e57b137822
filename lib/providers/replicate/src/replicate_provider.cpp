#include "replicate_codec.hpp"

#include <music/providers/replicate/replicate_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  using replicate::family;
  const auto kind = replicate::family_of(model);
  const bool timed = kind == family::stable_audio || kind == family::musicgen || kind == family::ace_step;
  const bool sings = kind == family::minimax || kind == family::ace_step;
  return {
      .name = "replicate",
      .api_name = "Replicate",
      .poll = {.first_delay = std::chrono::seconds{2}, .interval = std::chrono::seconds{2}, .most_polls = {}},
      .honours_duration = timed,
      .honours_seed = timed || kind == family::lyria,
      .honours_vocals = sings,
      .honours_title = true,
      .honours_lyrics = sings,
      .honours_negative_tags = kind == family::lyria,
      .formats = kind == family::musicgen ? std::vector{audio_format::mp3, audio_format::wav} : std::vector<audio_format>{},
      .longest_duration = replicate::longest_duration(kind),
      .models = {model},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_replicate_provider(upstream::account account, net::http_client& client, clock& clock) {
  auto service = upstream::reach(account);
  service.key_hosts = {"replicate.delivery"};
  auto info = describe(account.model);
  auto codec = std::make_unique<replicate::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
