#include "acestep_codec.hpp"

#include <music/providers/acestep/acestep_provider.hpp>

namespace music {
namespace {

provider_info describe(const std::string& model) {
  return {
      .name = "acestep",
      .api_name = "ACE-Step",
      .paid = false,
      .poll = {.first_delay = std::chrono::seconds{2}, .interval = std::chrono::seconds{1}, .most_polls = {}},
      .honours_duration = true,
      .honours_seed = true,
      .honours_vocals = true,
      .honours_title = true,
      .honours_lyrics = true,
      .honours_negative_tags = true,
      .honours_model = true,
      .formats = {audio_format::mp3, audio_format::wav, audio_format::flac},
      .most_lyrics = acestep::most_lyrics,
      .models = model.empty() ? std::vector<std::string>{} : std::vector{model},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_acestep_provider(upstream::account account, net::http_client& client, clock& clock) {
  auto service = upstream::reach(account);
  auto info = describe(account.model);
  auto codec = std::make_unique<acestep::codec>(std::move(account.model));
  return upstream::create_queued_provider(std::move(info), std::move(service), std::move(codec), client, clock);
}

}  // namespace music
