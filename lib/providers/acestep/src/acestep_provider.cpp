#include "acestep_codec.hpp"

#include <music/providers/acestep/acestep_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  provider_info info;
  info.name = "acestep";
  info.api_name = "ACE-Step";
  info.paid = false;
  info.poll.first_delay = std::chrono::seconds{2};
  info.poll.interval = std::chrono::seconds{1};
  info.honours_duration = true;
  info.honours_seed = true;
  info.honours_vocals = true;
  info.honours_title = true;
  info.honours_lyrics = true;
  info.honours_negative_tags = true;
  info.honours_model = true;
  info.formats = {audio_format::mp3, audio_format::wav, audio_format::flac};
  info.most_lyrics = acestep::most_lyrics;
  if (!model.empty()) info.models = {model};
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_acestep_provider(upstream::account account, net::http_client& client, clock& clock) {
  upstream::service_options service;
  service.api_name = "ACE-Step";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.timeout = account.timeout;
  auto info = describe(account.model);
  auto codec = std::make_unique<acestep::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
