#include "fal_codec.hpp"

#include <music/providers/fal/fal_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  using fal::family;
  const auto kind = fal::family_of(model);
  return {
      .name = "fal",
      .api_name = "fal",
      .poll = {.first_delay = std::chrono::seconds{2}, .interval = std::chrono::seconds{2}, .most_polls = {}},
      .honours_duration = kind == family::elevenlabs || kind == family::stable_audio || kind == family::ace_step,
      .honours_seed = kind == family::stable_audio || kind == family::ace_step || kind == family::lyria,
      .honours_vocals = kind == family::elevenlabs || kind == family::minimax || kind == family::ace_step,
      .honours_title = true,
      .honours_lyrics = kind == family::minimax || kind == family::ace_step,
      .honours_negative_tags = kind == family::lyria,
      .most_lyrics = fal::most_lyrics(kind),
      .models = {model},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_fal_provider(upstream::account account, net::http_client& client, clock& clock) {
  auto service = upstream::reach(account);
  service.key_prefix = "Key ";
  auto info = describe(account.model);
  auto codec = std::make_unique<fal::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
