#include "minimax_codec.hpp"

#include <music/providers/minimax/minimax_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 128 * 1024 * 1024;  // two digits a byte: five minutes of WAV are 105 MB

provider_info describe(const std::string& model) {
  return {
      .name = "minimax",
      .api_name = "MiniMax",
      .poll = {.interval = std::chrono::milliseconds{500}, .most_polls = {}},
      .honours_vocals = true,
      .honours_title = true,
      .honours_lyrics = true,
      .honours_model = true,
      .honours_quality = true,
      .formats = {audio_format::mp3, audio_format::wav},
      .most_lyrics = minimax::most_lyrics,
      .models = {model},
  };
}

}  // namespace

std::unique_ptr<music_provider> create_minimax_provider(upstream::account account, net::http_client& client, audio_store& audio,
                                                        clock& clock) {
  auto service = upstream::reach(account);
  service.largest_answer = largest_answer;
  auto info = describe(account.model);
  auto codec = std::make_unique<minimax::codec>(std::move(account.model));
  return upstream::create_direct_provider(std::move(info), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
