#include "minimax_codec.hpp"

#include <music/providers/minimax/minimax_provider.hpp>

namespace music {
namespace {

constexpr std::size_t largest_answer = 128 * 1024 * 1024;  // two digits a byte: five minutes of WAV are 105 MB

provider_info describe(const std::string& model) {
  provider_info info;
  info.name = "minimax";
  info.api_name = "MiniMax";
  info.poll.interval = std::chrono::milliseconds{500};
  info.honours_vocals = true;
  info.honours_title = true;
  info.honours_lyrics = true;
  info.honours_model = true;
  info.honours_quality = true;
  info.formats = {audio_format::mp3, audio_format::wav};
  info.most_lyrics = minimax::most_lyrics;
  info.models = {model};
  return info;
}

}  // namespace

std::unique_ptr<music_provider> create_minimax_provider(upstream::account account, net::http_client& client, audio_store& audio,
                                                        clock& clock) {
  upstream::service_options service;
  service.api_name = "MiniMax";
  service.base = std::move(account.base);
  service.key = std::move(account.key);
  service.timeout = account.timeout;
  service.largest_answer = largest_answer;
  auto info = describe(account.model);
  auto codec = std::make_unique<minimax::codec>(std::move(account.model));
  return upstream::create_direct_provider(std::move(info), std::move(service), std::move(codec), client, audio, clock);
}

}  // namespace music
