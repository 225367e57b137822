#include "config.hpp"

#include "config_music.hpp"
#include "config_reader.hpp"
#include "dotenv.hpp"

#include <music/net/url.hpp>
#include <music/store/postgres_store.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace music::service {
namespace {

using std::chrono::seconds;

constexpr std::size_t shortest_api_key = 8;
constexpr std::size_t most_shards = 256;

void read_listener(reader& in, config& out) {
  in.set_text("HOST", out.host);
  if (out.host != "localhost" && !net::is_address(out.host)) in.refuse("HOST", "an IP address or localhost");
  in.set_number<std::uint16_t>("PORT", out.port, 0, 65535);
  in.set_text("PUBLIC_BASE_URL", out.public_base_url);
  while (out.public_base_url.ends_with('/')) out.public_base_url.pop_back();
  const bool with_query = out.public_base_url.find('?') != std::string::npos;
  if (!out.public_base_url.empty() && (with_query || net::parse_url(out.public_base_url).has_error())) {
    in.refuse("PUBLIC_BASE_URL", "an http:// or https:// URL without user, query or fragment");
  }
  in.set_text("TLS_CERT_FILE", out.tls_certificate_file);
  in.set_text("TLS_KEY_FILE", out.tls_key_file);
  if (out.tls_certificate_file.empty() != out.tls_key_file.empty()) {
    in.refuse(out.tls_key_file.empty() ? "TLS_KEY_FILE" : "TLS_CERT_FILE", "set too: HTTPS needs both files");
  }
}

void read_api_keys(reader& in, config& out) {
  constexpr std::string_view accepted =
      "name=secret,name=secret with names of A-Z a-z 0-9 _ - . and secrets of at least 8 visible ASCII characters";
  const auto list = in.text("API_KEYS").value_or("");  // outlives the loop: the entries are views of it
  for (const auto entry : split(list)) {
    const auto equals = entry.find('=');
    const auto name = entry.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::string_view{} : entry.substr(equals + 1);
    if (!plain_name(name) || value.size() < shortest_api_key || value.size() > longest_secret || !is_visible(value)) {
      in.refuse("API_KEYS", accepted);
      return;
    }
    out.api_keys.push_back({std::string{name}, secret{std::string{value}}});
  }
  if (!list.empty() && out.api_keys.empty()) in.refuse("API_KEYS", accepted);

  bool anonymous = false;
  in.set_flag("ALLOW_ANONYMOUS", anonymous);
  if (out.api_keys.empty() && !anonymous && !net::is_loopback_host(out.host)) {
    in.refuse("API_KEYS", "set when HOST is not a loopback address (or set ALLOW_ANONYMOUS=1 to serve everybody)");
  }
}

void read_postgres(reader& in, const std::string& url, config& out) {
  out.store = store_kind::postgres;
  if (check_postgres_url(url)) out.store_url = secret{url};
  else in.refuse("JOB_STORE", "sqlite, memory or postgresql://user:password@host/database?sslmode=... (its value is not shown)");
}

void read_jobs(reader& in, config& out) {
  in.set_text("DATA_DIR", out.data_directory);
  if (const auto store = in.text("JOB_STORE")) {
    if (*store == "memory") out.store = store_kind::memory;
    else if (*store != "sqlite") read_postgres(in, *store, out);
  }
  in.set_duration("JOB_RETENTION", out.job_retention, seconds{1});
  in.set_duration("JOB_DEADLINE", out.job_deadline, seconds{5});
  in.set_number<std::size_t>("MAX_ACTIVE_JOBS", out.most_active_jobs, 1, 10'000'000);
}

void read_prompt_writer(reader& in, config& out) {
  in.set_secret("OPENAI_API_KEY", out.openai_key);
  in.set_text("OPENAI_MODEL", out.openai_model);
  in.set_duration("OPENAI_TIMEOUT", out.openai_timeout, seconds{1});
  read_base_url(in, "OPENAI_BASE_URL", out.openai_base_url, out.insecure_upstreams);
  in.set_choice(
      "OPENAI_STRUCTURED_OUTPUT", out.openai_answers,
      {{"json_schema", openai_form::json_schema}, {"json_object", openai_form::json_object}, {"text", openai_form::text}});
  in.set_number("OPENAI_MAX_TOKENS", out.openai_most_tokens, 256, 131'072);
  in.set_duration("PROMPT_CACHE_TTL", out.prompt_cache_ttl, seconds{0});
  const auto automatic = out.openai_key.empty() ? writer_kind::embedded : writer_kind::openai;
  out.writer = automatic;
  in.set_choice("PROMPT_WRITER", out.writer,
                {{"auto", automatic}, {"openai", writer_kind::openai}, {"template", writer_kind::embedded}});
  const bool own_server = in.text("OPENAI_BASE_URL").has_value();
  if (out.writer == writer_kind::openai && out.openai_key.empty() && !own_server) {
    in.refuse("OPENAI_API_KEY", "set when PROMPT_WRITER is openai");
  }
}

/// What the operator writes is not held to the list, which is for callers: opening it for a gateway here would open the gateway to
/// every one of them.
void read_own_url(reader& in, std::string_view name, const net::egress_rules& rules, std::optional<net::permitted_url>& into) {
  const auto text = in.text(name);
  if (!text) return;
  auto permitted = rules.check_own(*text);
  if (permitted) into = std::move(*permitted);
  else
    in.refuse(name,
              "an https:// URL, not of this service (http:// only on a loopback host, or where WEBHOOK_ALLOWED_HOSTS opens it)");
}

void read_webhook_events(reader& in, std::vector<webhook_event>& into) {
  const auto list = in.text("WEBHOOK_EVENTS");
  if (!list) return;
  into.clear();
  for (const auto word : split(*list)) {
    const auto event = parse_webhook_event(word);
    if (!event || std::find(into.begin(), into.end(), *event) != into.end()) {
      in.refuse("WEBHOOK_EVENTS",
                "a comma-separated list of job.started, job.prompt_ready, job.track_ready, job.success, job.error, "
                "job.canceled and job.expired, each once");
      return;
    }
    into.push_back(*event);
  }
}

void read_webhook_secrets(reader& in, config& out) {
  for (const auto* name : {"WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"}) {
    secret value;
    in.set_secret(name, value);
    if (value.empty()) continue;
    if (webhooks::signer::create({&value, 1}).has_error()) in.refuse(name, "whsec_ and the base64 of 24 to 64 random bytes");
    out.webhook_secrets.push_back(std::move(value));
  }
  if (!in.text("WEBHOOK_SECRET") && in.text("WEBHOOK_SECRET_PREVIOUS"))
    in.refuse("WEBHOOK_SECRET", "set when WEBHOOK_SECRET_PREVIOUS is");
  auto signs = webhooks::signer::create(out.webhook_secrets);
  if (signs) out.webhooks.signer = std::move(*signs);
}

void read_webhooks(reader& in, config& out) {
  auto& hooks = out.webhooks;
  auto rules = net::egress_rules::parse(in.text("WEBHOOK_ALLOWED_HOSTS").value_or(""));
  if (rules) hooks.egress = std::move(*rules);
  else in.refuse("WEBHOOK_ALLOWED_HOSTS", "host:port,host:port");
  if (const auto own = net::parse_url(out.public_base_url); own.has_value()) hooks.egress.refuse(own->from);
  read_webhook_secrets(in, out);
  read_webhook_events(in, hooks.service_events);
  read_own_url(in, "WEBHOOK_URL", hooks.egress, hooks.service_url);
  read_own_url(in, "OPENCLAW_HOOK_URL", hooks.egress, hooks.openclaw_url);
  in.set_secret("OPENCLAW_HOOK_TOKEN", hooks.openclaw_token);
  auto format = webhook_format::standard;
  in.set_choice("WEBHOOK_FORMAT", format, {{"standard", webhook_format::standard}, {"openclaw", webhook_format::openclaw}});
  if (hooks.service_url || format == webhook_format::openclaw) hooks.service_format = format;
  if (hooks.service_url && format == webhook_format::openclaw) in.refuse("WEBHOOK_URL", "empty when WEBHOOK_FORMAT is openclaw");
  if (hooks.service_url && !hooks.signer.ready()) in.refuse("WEBHOOK_SECRET", "set when WEBHOOK_URL is");
  if (format == webhook_format::openclaw && !hooks.openclaw_url)
    in.refuse("OPENCLAW_HOOK_URL", "set when WEBHOOK_FORMAT is openclaw");
  if (hooks.openclaw_url && hooks.openclaw_url->address.target.find('?') != std::string::npos) {
    in.refuse("OPENCLAW_HOOK_URL", "a URL without query");
  }
  if (hooks.openclaw_url && hooks.openclaw_token.empty()) in.refuse("OPENCLAW_HOOK_TOKEN", "set when OPENCLAW_HOOK_URL is");
}

/// Which skills run here, and where the others are.
void read_skills(reader& in, config& out) {
  in.set_choice("ROLE", out.role, {{"all", process_role::all}, {"prompt", process_role::prompt}, {"music", process_role::music}});
  if (in.text("PROMPT_SKILL_URL")) read_base_url(in, "PROMPT_SKILL_URL", out.prompt_skill_url, out.insecure_upstreams);
  if (in.text("MUSIC_SKILL_URL")) read_base_url(in, "MUSIC_SKILL_URL", out.music_skill_url, out.insecure_upstreams);
  in.set_secret("SKILL_API_KEY", out.skill_key);
}

void read_process(reader& in, config& out) {
  in.set_text("SSL_CERT_FILE", out.trust_file);
  in.set_number<std::size_t>("SHARDS", out.shards, 0, most_shards);
  in.set_choice(
      "LOG_LEVEL", out.log_level,
      {{"DEBUG", log::level::debug}, {"INFO", log::level::info}, {"WARNING", log::level::warning}, {"ERROR", log::level::error}});
  in.set_choice("LOG_FORMAT", out.log_format, {{"text", log::format::text}, {"json", log::format::json}});
}

/// Overwrites the value in the process's original environment block, then forgets the variable.
void wipe_variable(const char* name) {
  if (char* value = std::getenv(name)) {
    for (volatile char* byte = value; *byte != '\0'; ++byte) *byte = '\0';
  }
  unsetenv(name);
}

}  // namespace

const std::vector<variable>& variables() {
  static const std::vector<variable> all{
      {"HOST", "127.0.0.1"},
      {"PORT", "8080"},
      {"PUBLIC_BASE_URL", ""},
      {"API_KEYS", "", true},
      {"ALLOW_ANONYMOUS", "0"},
      {"TLS_CERT_FILE", ""},
      {"TLS_KEY_FILE", ""},
      {"DATA_DIR", "./data"},
      {"JOB_STORE", "sqlite", true},
      {"JOB_RETENTION", "24h"},
      {"JOB_DEADLINE", "15m"},
      {"MAX_ACTIVE_JOBS", "10000"},
      {"PROMPT_WRITER", "auto"},
      {"OPENAI_API_KEY", "", true},
      {"OPENAI_MODEL", "gpt-4"},
      {"OPENAI_TIMEOUT", "30"},
      {"OPENAI_BASE_URL", "https://api.openai.com/v1"},
      {"OPENAI_STRUCTURED_OUTPUT", "json_schema"},
      {"OPENAI_MAX_TOKENS", "4096"},
      {"PROMPT_CACHE_TTL", "0"},
      {"MUSIC_PROVIDERS", "auto"},
      {"SUNO_API_KEY", "", true},
      {"SUNO_DIALECT", "classic"},
      {"SUNO_API_BASE_URL", ""},
      {"SUNO_TIMEOUT", "60"},
      {"SUNO_MODEL", ""},
      {"SUNO_MAX_RETRIES", ""},
      {"SUNO_RETRY_DELAY", ""},
      {"SUNO_CALLBACKS", "1"},
      {"SUNO_COOKIE", "", true},
      {"ELEVENLABS_API_KEY", "", true},
      {"ELEVENLABS_BASE_URL", "https://api.elevenlabs.io"},
      {"ELEVENLABS_MODEL", "music_v2"},
      {"ELEVENLABS_TIMEOUT", "5m"},
      {"FAL_KEY", "", true},
      {"FAL_BASE_URL", "https://queue.fal.run"},
      {"FAL_MODEL", "fal-ai/elevenlabs/music/v2"},
      {"FAL_TIMEOUT", "60"},
      {"REPLICATE_API_TOKEN", "", true},
      {"REPLICATE_BASE_URL", "https://api.replicate.com"},
      {"REPLICATE_MODEL", "stability-ai/stable-audio-2.5"},
      {"REPLICATE_TIMEOUT", "60"},
      {"MINIMAX_API_KEY", "", true},
      {"MINIMAX_BASE_URL", "https://api.minimax.io"},
      {"MINIMAX_MODEL", "music-2.6"},
      {"MINIMAX_TIMEOUT", "10m"},
      {"STABILITY_API_KEY", "", true},
      {"STABILITY_BASE_URL", "https://api.stability.ai"},
      {"STABILITY_MODEL", "stable-audio-2.5"},
      {"STABILITY_TIMEOUT", "5m"},
      {"ACESTEP_API_KEY", "", true},
      {"ACESTEP_BASE_URL", ""},
      {"ACESTEP_MODEL", ""},
      {"ACESTEP_TIMEOUT", "60"},
      {"UPSTREAM_MAX_AT_ONCE", ""},
      {"UPSTREAM_RATES", ""},
      {"BREAKER_FAILURES", "20"},
      {"BREAKER_PAUSE", "10s"},
      {"SOUNDFONT", "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"},
      {"LOCAL_RENDERS", "1"},
      {"WEBHOOK_URL", ""},
      {"WEBHOOK_SECRET", "", true},
      {"WEBHOOK_SECRET_PREVIOUS", "", true},
      {"WEBHOOK_EVENTS", "job.success,job.error,job.canceled,job.expired"},
      {"WEBHOOK_FORMAT", "standard"},
      {"WEBHOOK_ALLOWED_HOSTS", ""},
      {"OPENCLAW_HOOK_URL", ""},
      {"OPENCLAW_HOOK_TOKEN", "", true},
      {"ROLE", "all"},
      {"PROMPT_SKILL_URL", ""},
      {"MUSIC_SKILL_URL", ""},
      {"SKILL_API_KEY", "", true},
      {"SSL_CERT_FILE", ""},
      {"ALLOW_INSECURE_UPSTREAMS", "0"},
      {"SHARDS", "0"},
      {"LOG_LEVEL", "INFO"},
      {"LOG_FORMAT", "text"},
  };
  return all;
}

std::variant<config, config_error> load_config(const environment& lookup) {
  reader in{lookup};
  config out;
  for (const auto& each : variables()) {
    if (each.name == "SOUNDFONT") out.soundfont = each.fallback;
  }
  in.set_flag("ALLOW_INSECURE_UPSTREAMS", out.insecure_upstreams);
  read_listener(in, out);
  read_api_keys(in, out);
  read_jobs(in, out);
  read_prompt_writer(in, out);
  read_music(in, out);
  read_webhooks(in, out);
  read_skills(in, out);
  read_process(in, out);
  if (!in.problem().empty()) return config_error{in.problem()};
  return out;
}

std::variant<environment, config_error> read_environment() {
  auto values = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  if (std::ifstream file{".env"}) {
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    int bad_line = 0;
    auto parsed = parse_dotenv(text, bad_line);
    if (!parsed) return config_error{".env line " + std::to_string(bad_line) + " must be NAME=value or a # comment"};
    *values = std::move(*parsed);
  }
  for (const auto& each : variables()) {
    const std::string name{each.name};
    if (const char* real = std::getenv(name.c_str()); real != nullptr && *real != '\0') values->insert_or_assign(name, real);
    if (each.secret) wipe_variable(name.c_str());
  }
  return environment{[values](std::string_view name) -> std::optional<std::string> {
    const auto found = values->find(name);
    return found == values->end() ? std::nullopt : std::optional{found->second};
  }};
}

}  // namespace music::service
