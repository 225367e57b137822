#pragma once

/// The environment as typed values.

#include <music/base/log.hpp>
#include <music/base/secret.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/skills/gate_state.hpp>
#include <music/webhooks/settings.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace music::service {

/// One entry of API_KEYS, before its secret is reduced to a digest.
struct named_secret {
  std::string name;
  secret value;
};

enum class store_kind : std::uint8_t { sqlite, memory, postgres };
enum class writer_kind : std::uint8_t { openai, embedded };
enum class process_role : std::uint8_t { all, prompt, music };

/// A music service beside Suno.
struct music_service {
  std::string_view name;          ///< as it stands in MUSIC_PROVIDERS, and, in capitals, before _BASE_URL, _MODEL and _TIMEOUT
  std::string_view key_variable;  ///< where its key is read from
  secret key;
  std::string base_url;
  std::string model;
  std::chrono::seconds timeout;
};

/// Everything that can be configured, checked. Movable only, because it holds secrets.
struct config {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string public_base_url;  ///< empty: the listening address
  std::vector<named_secret> api_keys;
  std::string tls_certificate_file;
  std::string tls_key_file;

  std::string data_directory = "./data";
  store_kind store = store_kind::sqlite;
  secret store_url;  ///< of PostgreSQL; it may hold a password
  std::chrono::seconds job_retention{24 * 3600};
  std::chrono::seconds job_deadline{15 * 60};
  std::size_t most_active_jobs = 10'000;

  writer_kind writer = writer_kind::embedded;
  secret openai_key;
  std::string openai_model = "gpt-4";
  std::chrono::seconds openai_timeout{30};
  std::string openai_base_url = "https://api.openai.com/v1";
  openai_form openai_answers = openai_form::json_schema;  ///< the strictest form that is asked for
  int openai_most_tokens = 4096;
  std::chrono::seconds prompt_cache_ttl{0};  ///< 0: no cache

  std::vector<std::string> providers;  ///< names in order, at least one
  secret suno_key;
  secret suno_cookie;
  suno_dialect suno_format = suno_dialect::classic;
  std::string suno_base_url;  ///< empty: a dialect that people host themselves, and nobody said where
  std::string suno_model;
  std::chrono::seconds suno_timeout{60};
  int suno_polls = 30;                                          ///< 0: until the deadline
  std::optional<std::chrono::seconds> suno_poll_interval;       ///< nothing: learned from recent songs
  bool suno_callbacks = true;                                   ///< where PUBLIC_BASE_URL says how we are reached

  music_service elevenlabs{"elevenlabs", "ELEVENLABS_API_KEY",   {}, "https://api.elevenlabs.io",
                           "music_v2",   std::chrono::minutes{5}};
  music_service fal{"fal", "FAL_KEY", {}, "https://queue.fal.run", "fal-ai/elevenlabs/music/v2", std::chrono::minutes{1}};
  music_service replicate{"replicate",
                          "REPLICATE_API_TOKEN",
                          {},
                          "https://api.replicate.com",
                          "stability-ai/stable-audio-2.5",
                          std::chrono::minutes{1}};
  music_service minimax{"minimax", "MINIMAX_API_KEY", {}, "https://api.minimax.io", "music-2.6", std::chrono::minutes{10}};
  music_service stability{"stability",        "STABILITY_API_KEY",    {}, "https://api.stability.ai",
                          "stable-audio-2.5", std::chrono::minutes{5}};
  music_service acestep{"acestep", "ACESTEP_API_KEY", {}, "", "", std::chrono::minutes{1}};  ///< there if it has a base URL
  [[nodiscard]] std::array<music_service*, 6> services() {
    return {&elevenlabs, &fal, &replicate, &minimax, &stability, &acestep};
  }
  [[nodiscard]] std::array<const music_service*, 6> services() const {
    return {&elevenlabs, &fal, &replicate, &minimax, &stability, &acestep};
  }

  std::map<std::string, gate_limits, std::less<>> gates;  ///< by upstream: the providers' names, and openai
  std::string soundfont;
  std::size_t local_renders = 1;

  webhooks::settings webhooks;
  std::vector<secret> webhook_secrets;  ///< as they were written; the signer has them decoded

  process_role role = process_role::all;
  std::string prompt_skill_url;  ///< empty: prompts are written here
  std::string music_skill_url;   ///< empty: music is made here
  secret skill_key;              ///< for both

  std::string trust_file;  ///< empty: the system's store
  bool insecure_upstreams = false;
  std::size_t shards = 0;
  log::level log_level = log::level::info;
  log::format log_format = log::format::text;
};

/// Why the configuration cannot be used: one line that names the variable and what is accepted, never a secret's value.
struct config_error {
  std::string message;
};

/// Gives the value of a variable, or nothing if it is not set.
using environment = std::function<std::optional<std::string>(std::string_view)>;

/// Reads and checks every variable; an empty value counts as not set.
[[nodiscard]] std::variant<config, config_error> load_config(const environment& lookup);

/// The real environment over the `.env` in the working directory, if there is one: the real one wins. Takes the secrets
/// out of the process's environment, original bytes included, so that /proc/<pid>/environ does not show them.
[[nodiscard]] std::variant<environment, config_error> read_environment();

/// One entry for each variable, as in `.env.template`; a test holds that file against it.
struct variable {
  std::string_view name;
  std::string_view fallback;
  bool secret = false;
};
[[nodiscard]] const std::vector<variable>& variables();

}  // namespace music::service
