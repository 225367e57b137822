#include "config.hpp"

#include "dotenv.hpp"

#include <music/base/text.hpp>
#include <music/base/time.hpp>
#include <music/core/request.hpp>
#include <music/net/url.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace music::service {
namespace {

using std::chrono::seconds;

constexpr std::size_t longest_secret = 512;
constexpr std::size_t shortest_api_key = 8;
constexpr std::size_t most_shards = 256;

/// Reads the variables one after another and keeps the first thing that is wrong.
class reader {
 public:
  explicit reader(const environment& lookup) : lookup_(lookup) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
    auto value = lookup_(name);
    return value && !value->empty() ? value : std::nullopt;
  }

  void refuse(std::string_view name, std::string_view accepted) {
    if (problem_.empty()) problem_ = std::string{name} + " must be " + std::string{accepted};
  }

  void set_text(std::string_view name, std::string& into) const {
    if (auto value = text(name)) into = std::move(*value);
  }

  template <class Number>
  void set_number(std::string_view name, Number& into, Number least, Number most) {
    const auto value = text(name);
    if (!value) return;
    Number number{};
    const auto [end, ec] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (ec == std::errc{} && end == value->data() + value->size() && number >= least && number <= most) into = number;
    else refuse(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }

  void set_duration(std::string_view name, seconds& into, seconds least) {
    const auto value = text(name);
    if (!value) return;
    const auto duration = parse_duration(*value);
    if (duration && *duration >= least) into = *duration;
    else refuse(name, "a duration of at least " + std::to_string(least.count()) + "s such as 90, 90s, 15m or 24h");
  }

  void set_flag(std::string_view name, bool& into) {
    const auto value = text(name);
    if (!value) return;
    if (*value == "1" || *value == "0") into = *value == "1";
    else refuse(name, "0 or 1");
  }

  /// A key: visible ASCII, no placeholder left over from the template.
  void set_secret(std::string_view name, secret& into) {
    auto value = text(name);
    if (!value) return;
    const bool visible = std::all_of(value->begin(), value->end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!visible || value->size() > longest_secret) refuse(name, "1 to 512 visible ASCII characters (its value is not shown)");
    else into = secret{std::move(*value)};
  }

  template <class Choice>
  void set_choice(std::string_view name, Choice& into, std::initializer_list<std::pair<std::string_view, Choice>> choices) {
    const auto value = text(name);
    if (!value) return;
    std::string accepted;
    for (const auto& [word, choice] : choices) {
      if (*value == word) {
        into = choice;
        return;
      }
      accepted += accepted.empty() ? "" : ", ";
      accepted += word;
    }
    refuse(name, "one of " + accepted);
  }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  const environment& lookup_;
  std::string problem_;
};

/// The views are into `list`, which must outlive them.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto part = trim(list.substr(0, comma));
    if (!part.empty()) parts.push_back(part);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return parts;
}

bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

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
    const bool visible = std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!plain_name(name) || value.size() < shortest_api_key || value.size() > longest_secret || !visible) {
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

void read_jobs(reader& in, config& out) {
  in.set_text("DATA_DIR", out.data_directory);
  if (const auto store = in.text("JOB_STORE")) {
    if (*store == "memory") out.store = store_kind::memory;
    else if (*store != "sqlite") in.refuse("JOB_STORE", "sqlite or memory");
  }
  in.set_duration("JOB_RETENTION", out.job_retention, seconds{1});
  in.set_duration("JOB_DEADLINE", out.job_deadline, seconds{5});
  in.set_number<std::size_t>("MAX_ACTIVE_JOBS", out.most_active_jobs, 1, 10'000'000);
}

void read_base_url(reader& in, std::string_view name, std::string& into, bool insecure_allowed) {
  in.set_text(name, into);
  const auto parsed = net::parse_url(into);
  if (parsed.has_error() || parsed->target.find('?') != std::string::npos) {
    in.refuse(name, "an https:// URL without user, query or fragment");
    return;
  }
  const bool insecure = parsed->from.scheme == net::scheme::http;
  if (insecure && !(insecure_allowed && net::is_loopback_host(parsed->from.host))) {
    in.refuse(name, "an https:// URL (http:// only on a loopback address and with ALLOW_INSECURE_UPSTREAMS=1)");
  }
}

void read_prompt_writer(reader& in, config& out) {
  in.set_secret("OPENAI_API_KEY", out.openai_key);
  in.set_text("OPENAI_MODEL", out.openai_model);
  in.set_duration("OPENAI_TIMEOUT", out.openai_timeout, seconds{1});
  read_base_url(in, "OPENAI_BASE_URL", out.openai_base_url, out.insecure_upstreams);
  in.set_choice("OPENAI_STRUCTURED_OUTPUT", out.openai_answers,
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

/// A model's name gets into a path at some services.
void check_model(reader& in, std::string_view name, const std::string& model) {
  if (!model.empty() && !valid_model(model)) in.refuse(name, "up to 100 characters of A-Z a-z 0-9 _ - . : in words joined by /");
}

void read_direct_services(reader& in, config& out) {
  in.set_secret("ELEVENLABS_API_KEY", out.elevenlabs.key);
  read_base_url(in, "ELEVENLABS_BASE_URL", out.elevenlabs.base_url, out.insecure_upstreams);
  in.set_text("ELEVENLABS_MODEL", out.elevenlabs.model);
  in.set_duration("ELEVENLABS_TIMEOUT", out.elevenlabs.timeout, seconds{1});
  in.set_secret("MINIMAX_API_KEY", out.minimax.key);
  read_base_url(in, "MINIMAX_BASE_URL", out.minimax.base_url, out.insecure_upstreams);
  in.set_text("MINIMAX_MODEL", out.minimax.model);
  in.set_duration("MINIMAX_TIMEOUT", out.minimax.timeout, seconds{1});
  in.set_secret("STABILITY_API_KEY", out.stability.key);
  read_base_url(in, "STABILITY_BASE_URL", out.stability.base_url, out.insecure_upstreams);
  in.set_text("STABILITY_MODEL", out.stability.model);
  in.set_duration("STABILITY_TIMEOUT", out.stability.timeout, seconds{1});
}

void read_queued_services(reader& in, config& out) {
  in.set_secret("FAL_KEY", out.fal.key);
  read_base_url(in, "FAL_BASE_URL", out.fal.base_url, out.insecure_upstreams);
  in.set_text("FAL_MODEL", out.fal.model);
  in.set_duration("FAL_TIMEOUT", out.fal.timeout, seconds{1});
  in.set_secret("REPLICATE_API_TOKEN", out.replicate.key);
  read_base_url(in, "REPLICATE_BASE_URL", out.replicate.base_url, out.insecure_upstreams);
  in.set_text("REPLICATE_MODEL", out.replicate.model);
  in.set_duration("REPLICATE_TIMEOUT", out.replicate.timeout, seconds{1});
  in.set_secret("ACESTEP_API_KEY", out.acestep.key);
  if (in.text("ACESTEP_BASE_URL")) read_base_url(in, "ACESTEP_BASE_URL", out.acestep.base_url, out.insecure_upstreams);
  in.set_text("ACESTEP_MODEL", out.acestep.model);
  in.set_duration("ACESTEP_TIMEOUT", out.acestep.timeout, seconds{1});
}

void read_services(reader& in, config& out) {
  read_direct_services(in, out);
  read_queued_services(in, out);
  check_model(in, "ELEVENLABS_MODEL", out.elevenlabs.model);
  check_model(in, "MINIMAX_MODEL", out.minimax.model);
  check_model(in, "STABILITY_MODEL", out.stability.model);
  check_model(in, "FAL_MODEL", out.fal.model);
  check_model(in, "REPLICATE_MODEL", out.replicate.model);
  check_model(in, "ACESTEP_MODEL", out.acestep.model);
}

/// A gateway of one's own has no key: it is configured by its address.
bool suno_is_configured(const config& out) { return needs_key(out.suno_format) ? !out.suno_key.empty() : !out.suno_base_url.empty(); }

/// What a provider cannot do without, or nothing if it has it.
std::string_view missing_for(std::string_view provider, const config& settings) {
  if (provider == "suno" && !suno_is_configured(settings)) return needs_key(settings.suno_format) ? "SUNO_API_KEY" : "SUNO_API_BASE_URL";
  if (provider == "elevenlabs" && settings.elevenlabs.key.empty()) return "ELEVENLABS_API_KEY";
  if (provider == "fal" && settings.fal.key.empty()) return "FAL_KEY";
  if (provider == "replicate" && settings.replicate.key.empty()) return "REPLICATE_API_TOKEN";
  if (provider == "minimax" && settings.minimax.key.empty()) return "MINIMAX_API_KEY";
  if (provider == "stability" && settings.stability.key.empty()) return "STABILITY_API_KEY";
  if (provider == "acestep" && settings.acestep.base_url.empty()) return "ACESTEP_BASE_URL";
  return {};
}

/// The order of MUSIC_PROVIDERS.
void read_order(reader& in, config& out) {
  constexpr std::string_view accepted =
      "auto, or a comma-separated order of suno, elevenlabs, fal, replicate, minimax, stability, acestep and local, each once";
  const auto order = in.text("MUSIC_PROVIDERS").value_or("auto");
  if (order == "auto") {
    out.providers = {suno_is_configured(out) ? "suno" : "local"};
    return;
  }
  for (const auto name : split(order)) {
    const auto& known = provider_names();
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (!is_known || std::find(out.providers.begin(), out.providers.end(), name) != out.providers.end()) {
      in.refuse("MUSIC_PROVIDERS", accepted);
      return;
    }
    out.providers.emplace_back(name);
  }
  if (out.providers.empty()) in.refuse("MUSIC_PROVIDERS", accepted);
  for (const auto& name : out.providers) {
    const auto missing = missing_for(name, out);
    if (!missing.empty()) in.refuse(missing, "set when MUSIC_PROVIDERS names " + name);
  }
}

/// What upstreams document (proto-docs/providers); one that documents nothing is bounded where songs are held in memory or
/// keep a graphics card busy.
std::map<std::string, gate_limits, std::less<>> usual_gates() {
  using std::chrono::milliseconds;
  return {{"openai", {.most_at_once = 256}},
          {"suno", {}},
          {"elevenlabs", {.most_at_once = 5}},
          {"fal", {.most_at_once = 40}},
          {"replicate", {.burst = 600, .per = milliseconds{60'000}}},
          {"minimax", {.most_at_once = 5}},
          {"stability", {.most_at_once = 10, .burst = 150, .per = milliseconds{10'000}}},
          {"acestep", {.most_at_once = 4}},
          {"local", {}}};
}

/// Calls `use(gate, value)` for each `name=value` of the list; false from it refuses the variable.
template <class Use>
void read_gate_list(reader& in, std::string_view variable, const std::optional<std::string>& list, config& out, std::string_view accepted,
                    Use use) {
  for (const auto entry : split(list ? std::string_view{*list} : std::string_view{})) {
    const auto equals = entry.find('=');
    const auto gate = out.gates.find(trim(entry.substr(0, equals)));
    const auto value = equals == std::string_view::npos ? std::string_view{} : trim(entry.substr(equals + 1));
    if (gate == out.gates.end() || !use(gate->second, value)) return in.refuse(variable, accepted);
  }
}

std::optional<std::size_t> count_in(std::string_view digits) {
  std::size_t count = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (ec != std::errc{} || end != digits.data() + digits.size() || count > 1'000'000) return std::nullopt;
  return count;
}

/// "20/10s"; "0" is no bound.
bool read_rate(gate_limits& gate, std::string_view text) {
  const auto slash = text.find('/');
  const auto count = count_in(text.substr(0, slash));
  const auto per = parse_duration(slash == std::string_view::npos ? std::string_view{"0"} : text.substr(slash + 1));
  if (!count || !per || (*count > 0) != (per->count() > 0)) return false;
  gate.burst = *count;
  gate.per = *per;
  return true;
}

void read_gates(reader& in, config& out) {
  out.gates = usual_gates();
  const auto at_once = in.text("UPSTREAM_MAX_AT_ONCE");
  read_gate_list(in, "UPSTREAM_MAX_AT_ONCE", at_once, out, "a list such as elevenlabs=5,openai=100 of providers (and openai) and whole numbers, 0 for no bound",
                 [](gate_limits& gate, std::string_view value) {
                   const auto count = count_in(value);
                   if (count) gate.most_at_once = *count;
                   return count.has_value();
                 });
  const auto rates = in.text("UPSTREAM_RATES");
  read_gate_list(in, "UPSTREAM_RATES", rates, out, "a list such as suno=20/10s,replicate=600/1m of providers (and openai) and numbers of songs in a time, 0 for no bound",
                 [](gate_limits& gate, std::string_view value) { return read_rate(gate, value); });
  int failures = gate_limits{}.failures_to_open;
  seconds pause = std::chrono::duration_cast<seconds>(gate_limits{}.pause);
  in.set_number("BREAKER_FAILURES", failures, 0, 1'000'000);
  in.set_duration("BREAKER_PAUSE", pause, seconds{1});
  for (auto& [name, gate] : out.gates) {
    gate.failures_to_open = failures;
    gate.pause = pause;
    gate.longest_pause = std::max<std::chrono::milliseconds>(gate.longest_pause, pause);
  }
}

/// What is not set follows from the dialect: where the gateway is, and whether its polls are counted or learned.
void read_suno(reader& in, config& out) {
  if (const auto dialect = in.text("SUNO_DIALECT")) {
    const auto known = parse_suno_dialect(*dialect);
    if (known) out.suno_format = *known;
    else in.refuse("SUNO_DIALECT", "one of classic, sunoapi, kie, gcui, fastapi");
  }
  in.set_secret("SUNO_API_KEY", out.suno_key);
  in.set_secret("SUNO_COOKIE", out.suno_cookie);
  out.suno_base_url = usual_base_url(out.suno_format);
  const bool told = in.text("SUNO_API_BASE_URL").has_value();
  if (told || !out.suno_base_url.empty()) read_base_url(in, "SUNO_API_BASE_URL", out.suno_base_url, out.insecure_upstreams);
  in.set_text("SUNO_MODEL", out.suno_model);
  in.set_duration("SUNO_TIMEOUT", out.suno_timeout, seconds{1});
  const bool classic = out.suno_format == suno_dialect::classic;
  if (!classic) out.suno_polls = 0;
  in.set_number("SUNO_MAX_RETRIES", out.suno_polls, 1, 100'000);
  seconds interval{2};
  in.set_duration("SUNO_RETRY_DELAY", interval, seconds{0});
  if (classic || in.text("SUNO_RETRY_DELAY")) out.suno_poll_interval = interval;
  in.set_flag("SUNO_CALLBACKS", out.suno_callbacks);
}

void read_music(reader& in, config& out) {
  read_suno(in, out);
  in.set_text("SOUNDFONT", out.soundfont);
  in.set_number<std::size_t>("LOCAL_RENDERS", out.local_renders, 1, 64);
  read_services(in, out);
  read_order(in, out);
  read_gates(in, out);
}

/// Every URL of the webhooks goes through the same guard as those of callers, so that one list says where http may go.
void read_guarded_url(reader& in, std::string_view name, const net::egress_rules& rules, std::optional<net::permitted_url>& into) {
  const auto text = in.text(name);
  if (!text) return;
  auto permitted = rules.check(*text);
  if (permitted) into = std::move(*permitted);
  else in.refuse(name, "an https:// URL of a public host name (WEBHOOK_ALLOWED_HOSTS opens others, also for http://)");
}

void read_webhook_events(reader& in, std::vector<webhook_event>& into) {
  const auto list = in.text("WEBHOOK_EVENTS");
  if (!list) return;
  into.clear();
  for (const auto word : split(*list)) {
    const auto event = parse_webhook_event(word);
    if (!event || std::find(into.begin(), into.end(), *event) != into.end()) {
      in.refuse("WEBHOOK_EVENTS", "a comma-separated list of job.started, job.prompt_ready, job.track_ready, job.success, job.error, "
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
  if (!in.text("WEBHOOK_SECRET") && in.text("WEBHOOK_SECRET_PREVIOUS")) in.refuse("WEBHOOK_SECRET", "set when WEBHOOK_SECRET_PREVIOUS is");
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
  read_guarded_url(in, "WEBHOOK_URL", hooks.egress, hooks.service_url);
  read_guarded_url(in, "OPENCLAW_HOOK_URL", hooks.egress, hooks.openclaw_url);
  in.set_secret("OPENCLAW_HOOK_TOKEN", hooks.openclaw_token);
  auto format = webhook_format::standard;
  in.set_choice("WEBHOOK_FORMAT", format, {{"standard", webhook_format::standard}, {"openclaw", webhook_format::openclaw}});
  if (hooks.service_url || format == webhook_format::openclaw) hooks.service_format = format;
  if (hooks.service_url && format == webhook_format::openclaw) in.refuse("WEBHOOK_URL", "empty when WEBHOOK_FORMAT is openclaw");
  if (hooks.service_url && !hooks.signer.ready()) in.refuse("WEBHOOK_SECRET", "set when WEBHOOK_URL is");
  if (format == webhook_format::openclaw && !hooks.openclaw_url) in.refuse("OPENCLAW_HOOK_URL", "set when WEBHOOK_FORMAT is openclaw");
  if (hooks.openclaw_url && hooks.openclaw_url->address.target.find('?') != std::string::npos) {
    in.refuse("OPENCLAW_HOOK_URL", "a URL without query");
  }
  if (hooks.openclaw_url && hooks.openclaw_token.empty()) in.refuse("OPENCLAW_HOOK_TOKEN", "set when OPENCLAW_HOOK_URL is");
}

void read_process(reader& in, config& out) {
  in.set_text("SSL_CERT_FILE", out.trust_file);
  in.set_number<std::size_t>("SHARDS", out.shards, 0, most_shards);
  in.set_choice("LOG_LEVEL", out.log_level,
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

const std::vector<std::string_view>& provider_names() {
  static const std::vector<std::string_view> all{"suno", "elevenlabs", "fal", "replicate", "minimax", "stability", "acestep", "local"};
  return all;
}

const std::vector<variable>& variables() {
  static const std::vector<variable> all{
      {"HOST", "127.0.0.1"}, {"PORT", "8080"}, {"PUBLIC_BASE_URL", ""}, {"API_KEYS", "", true}, {"ALLOW_ANONYMOUS", "0"},
      {"TLS_CERT_FILE", ""}, {"TLS_KEY_FILE", ""},
      {"DATA_DIR", "./data"}, {"JOB_STORE", "sqlite"}, {"JOB_RETENTION", "24h"}, {"JOB_DEADLINE", "15m"}, {"MAX_ACTIVE_JOBS", "10000"},
      {"PROMPT_WRITER", "auto"}, {"OPENAI_API_KEY", "", true}, {"OPENAI_MODEL", "gpt-4"}, {"OPENAI_TIMEOUT", "30"},
      {"OPENAI_BASE_URL", "https://api.openai.com/v1"}, {"OPENAI_STRUCTURED_OUTPUT", "json_schema"}, {"OPENAI_MAX_TOKENS", "4096"},
      {"PROMPT_CACHE_TTL", "0"},
      {"MUSIC_PROVIDERS", "auto"}, {"SUNO_API_KEY", "", true}, {"SUNO_DIALECT", "classic"}, {"SUNO_API_BASE_URL", ""}, {"SUNO_TIMEOUT", "60"},
      {"SUNO_MODEL", ""}, {"SUNO_MAX_RETRIES", ""}, {"SUNO_RETRY_DELAY", ""}, {"SUNO_CALLBACKS", "1"}, {"SUNO_COOKIE", "", true},
      {"ELEVENLABS_API_KEY", "", true}, {"ELEVENLABS_BASE_URL", "https://api.elevenlabs.io"}, {"ELEVENLABS_MODEL", "music_v2"},
      {"ELEVENLABS_TIMEOUT", "5m"},
      {"FAL_KEY", "", true}, {"FAL_BASE_URL", "https://queue.fal.run"}, {"FAL_MODEL", "fal-ai/elevenlabs/music/v2"}, {"FAL_TIMEOUT", "60"},
      {"REPLICATE_API_TOKEN", "", true}, {"REPLICATE_BASE_URL", "https://api.replicate.com"},
      {"REPLICATE_MODEL", "stability-ai/stable-audio-2.5"}, {"REPLICATE_TIMEOUT", "60"},
      {"MINIMAX_API_KEY", "", true}, {"MINIMAX_BASE_URL", "https://api.minimax.io"}, {"MINIMAX_MODEL", "music-2.6"}, {"MINIMAX_TIMEOUT", "10m"},
      {"STABILITY_API_KEY", "", true}, {"STABILITY_BASE_URL", "https://api.stability.ai"}, {"STABILITY_MODEL", "stable-audio-2.5"},
      {"STABILITY_TIMEOUT", "5m"},
      {"ACESTEP_API_KEY", "", true}, {"ACESTEP_BASE_URL", ""}, {"ACESTEP_MODEL", ""}, {"ACESTEP_TIMEOUT", "60"},
      {"UPSTREAM_MAX_AT_ONCE", ""}, {"UPSTREAM_RATES", ""}, {"BREAKER_FAILURES", "20"}, {"BREAKER_PAUSE", "10s"},
      {"SOUNDFONT", "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"}, {"LOCAL_RENDERS", "1"},
      {"WEBHOOK_URL", ""}, {"WEBHOOK_SECRET", "", true}, {"WEBHOOK_SECRET_PREVIOUS", "", true}, {"WEBHOOK_EVENTS", "job.success,job.error,job.canceled,job.expired"},
      {"WEBHOOK_FORMAT", "standard"}, {"WEBHOOK_ALLOWED_HOSTS", ""}, {"OPENCLAW_HOOK_URL", ""}, {"OPENCLAW_HOOK_TOKEN", "", true},
      {"SSL_CERT_FILE", ""}, {"ALLOW_INSECURE_UPSTREAMS", "0"}, {"SHARDS", "0"}, {"LOG_LEVEL", "INFO"}, {"LOG_FORMAT", "text"},
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
