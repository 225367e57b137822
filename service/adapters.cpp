#include "adapters.hpp"

#include <music/net/url.hpp>
#include <music/providers/acestep/acestep_provider.hpp>
#include <music/providers/elevenlabs/elevenlabs_provider.hpp>
#include <music/providers/fal/fal_provider.hpp>
#include <music/providers/local/local_provider.hpp>
#include <music/providers/minimax/minimax_provider.hpp>
#include <music/providers/remote/remote_skills.hpp>
#include <music/providers/replicate/replicate_provider.hpp>
#include <music/providers/stability/stability_provider.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/template/template_writer.hpp>

#include <algorithm>
#include <utility>

namespace music::service {
namespace {

remote_skill_options reach_skill(const std::string& url, const secret& key) {
  remote_skill_options options;
  options.base = net::parse_url(url).value();
  options.key = copy_of(key);
  return options;
}

upstream::account account_of(const music_service& service) {
  upstream::account account;
  if (!service.base_url.empty()) account.base = net::parse_url(service.base_url).value();
  account.key = copy_of(service.key);
  account.model = service.model;
  account.timeout = service.timeout;
  return account;
}

std::unique_ptr<music_provider> make_suno(const config& settings, const adapter_parts& parts) {
  suno_options options;
  options.dialect = settings.suno_format;
  if (!settings.suno_base_url.empty()) options.base = net::parse_url(settings.suno_base_url).value();
  options.key = copy_of(settings.suno_key);
  options.cookie = copy_of(settings.suno_cookie);
  options.model = settings.suno_model;
  if (settings.suno_callbacks) options.callback_base = settings.public_base_url;
  options.timeout = settings.suno_timeout;
  options.learned_pace = !settings.suno_poll_interval;
  options.retry_delay = settings.suno_poll_interval.value_or(options.retry_delay);
  options.max_retries = settings.suno_polls;
  return create_suno_provider(std::move(options), parts.client, parts.clock, {parts.song_news, &parts.upkeep});
}

std::unique_ptr<music_provider> make_local(const config& settings, const adapter_parts& parts) {
  local_options options;
  options.soundfont = settings.soundfont;
  options.max_renders = settings.local_renders;
  return create_local_provider(std::move(options), parts.renders, parts.clock, parts.upkeep);
}

}  // namespace

secret copy_of(const secret& original) { return secret{std::string{original.reveal()}}; }

std::unique_ptr<prompt_writer> make_writer(const config& settings, const adapter_parts& parts) {
  if (!settings.prompt_skill_url.empty()) {
    return create_remote_writer(reach_skill(settings.prompt_skill_url, settings.skill_key), parts.client, parts.clock);
  }
  if (settings.writer == writer_kind::embedded) return create_template_writer();
  openai_options options;
  options.base = net::parse_url(settings.openai_base_url).value();
  options.key = copy_of(settings.openai_key);
  options.model = settings.openai_model;
  options.timeout = settings.openai_timeout;
  options.most_tokens = settings.openai_most_tokens;
  options.habits = parts.openai;
  return create_openai_writer(std::move(options), parts.client, parts.clock);
}

std::vector<std::unique_ptr<music_provider>> make_providers(const config& settings, const adapter_parts& parts) {
  std::vector<std::unique_ptr<music_provider>> providers;
  if (!settings.music_skill_url.empty()) {
    providers.push_back(
        create_remote_provider(reach_skill(settings.music_skill_url, settings.skill_key), parts.client, parts.clock));
    return providers;
  }
  for (const auto& name : settings.providers) providers.push_back(make_provider(name, settings, parts));
  return providers;
}

/// A new music service is one folder under lib/providers and one line here.
std::unique_ptr<music_provider> make_provider(std::string_view name, const config& settings, const adapter_parts& parts) {
  auto& clock = parts.clock;
  auto& client = parts.client;
  auto& audio = parts.audio;
  if (name == "suno") return make_suno(settings, parts);
  if (name == "elevenlabs") return create_elevenlabs_provider(account_of(settings.elevenlabs), client, audio, clock);
  if (name == "fal") return create_fal_provider(account_of(settings.fal), client, clock);
  if (name == "replicate") return create_replicate_provider(account_of(settings.replicate), client, clock);
  if (name == "minimax") return create_minimax_provider(account_of(settings.minimax), client, audio, clock);
  if (name == "stability") return create_stability_provider(account_of(settings.stability), client, audio, clock);
  if (name == "acestep") return create_acestep_provider(account_of(settings.acestep), client, clock);
  return make_local(settings, parts);
}

bool wants_song_news(const config& settings) {
  const auto& order = settings.providers;
  return settings.music_skill_url.empty() && std::find(order.begin(), order.end(), "suno") != order.end();
}

std::map<net::origin, std::string> names_of_apis(const config& settings) {
  std::map<net::origin, std::string> names;
  const auto add = [&names](const std::string& base_url, std::string_view name) {
    if (!base_url.empty()) names.emplace(net::parse_url(base_url).value().from, name);
  };
  add(settings.openai_base_url, "openai");
  add(settings.suno_base_url, "suno");
  for (const auto* service : settings.services()) add(service->base_url, service->name);
  add(settings.prompt_skill_url, "prompt_skill");
  add(settings.music_skill_url, "music_skill");
  return names;
}

}  // namespace music::service
