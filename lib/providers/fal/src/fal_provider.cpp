#include "fal_codec.hpp"

#include <music/providers/fal/fal_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  provider_info info;
  info.name = "fal";
  info.api_name = "fal";
  info.poll.first_delay = std::chrono::seconds{2};
  info.poll.interval = std::chrono::seconds{2};
  info.honours_title = true;
  info.models = {model};
  switch (fal::family_of(model)) {
    case fal::family::elevenlabs:
      info.honours_duration = true;
      info.honours_vocals = true;
      break;
    case fal::family::minimax:
      info.honours_lyrics = true;
      info.honours_vocals = true;
      info.most_lyrics = 3500;
      break;
    case fal::family::stable_audio:
      info.honours_duration = true;
      info.honours_seed = true;
      break;
    case fal::family::ace_step:
      info.honours_duration = true;
      info.honours_seed = true;
      info.honours_lyrics = true;
      info.honours_vocals = true;
      break;
    case fal::family::lyria:
      info.honours_seed = true;
      info.honours_negative_tags = true;
      break;
    case fal::family::other: break;
  }
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_fal_provider(upstream::account account, net::http_client& client, clock& clock) {
  upstream::service_options service;
  service.api_name = "fal";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.key_prefix = "Key ";
  service.timeout = account.timeout;
  auto info = describe(account.model);
  auto codec = std::make_unique<fal::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
