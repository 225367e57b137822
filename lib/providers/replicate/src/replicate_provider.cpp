#include "replicate_codec.hpp"

#include <music/providers/replicate/replicate_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  provider_info info;
  info.name = "replicate";
  info.api_name = "Replicate";
  info.poll.first_delay = std::chrono::seconds{2};
  info.poll.interval = std::chrono::seconds{2};
  info.honours_title = true;
  info.models = {model};
  const auto kind = replicate::family_of(model);
  using replicate::family;
  info.honours_duration = kind == family::stable_audio || kind == family::musicgen || kind == family::ace_step;
  info.honours_seed = info.honours_duration || kind == family::lyria;
  info.honours_lyrics = kind == family::minimax || kind == family::ace_step;
  info.honours_vocals = info.honours_lyrics;
  info.honours_negative_tags = kind == family::lyria;
  if (kind == family::musicgen) info.formats = {audio_format::mp3, audio_format::wav};
  if (kind == family::stable_audio) info.longest_duration = 190;
  if (kind == family::ace_step) info.longest_duration = 240;
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_replicate_provider(upstream::account account, net::http_client& client, clock& clock) {
  upstream::service_options service;
  service.api_name = "Replicate";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.key_hosts = {"replicate.delivery"};
  service.timeout = account.timeout;
  auto info = describe(account.model);
  auto codec = std::make_unique<replicate::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
