#include "config_music.hpp"

#include <music/base/text.hpp>
#include <music/base/time.hpp>
#include <music/core/request.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace music::service {
namespace {

using std::chrono::seconds;

/// A model's name gets into a path at some services.
void check_model(reader& in, std::string_view name, const std::string& model) {
  if (!model.empty() && !valid_model(model)) in.refuse(name, "up to 100 characters of A-Z a-z 0-9 _ - . : in words joined by /");
}

/// ELEVENLABS_MODEL and the like.
std::string variable_of(const music_service& service, std::string_view what) {
  std::string variable{service.name};
  std::transform(variable.begin(), variable.end(), variable.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return variable + '_' + std::string{what};
}

void read_service(reader& in, music_service& service, bool insecure_allowed) {
  in.set_secret(service.key_variable, service.key);
  const auto address = variable_of(service, "BASE_URL");
  const bool told = in.text(address).has_value();
  if (told || !service.base_url.empty()) read_base_url(in, address, service.base_url, insecure_allowed);
  const auto model = variable_of(service, "MODEL");
  in.set_text(model, service.model);
  check_model(in, model, service.model);
  in.set_duration(variable_of(service, "TIMEOUT"), service.timeout, seconds{1});
}

/// A gateway of one's own has no key: it is configured by its address.
bool suno_is_configured(const config& out) {
  return needs_key(out.suno_format) ? !out.suno_key.empty() : !out.suno_base_url.empty();
}

/// The variable that a provider cannot do without and does not have, or nothing.
std::string_view missing_for(std::string_view provider, const config& settings) {
  if (provider == "suno" && !suno_is_configured(settings))
    return needs_key(settings.suno_format) ? "SUNO_API_KEY" : "SUNO_API_BASE_URL";
  if (provider == settings.acestep.name) return settings.acestep.base_url.empty() ? "ACESTEP_BASE_URL" : "";
  for (const auto* each : settings.services()) {
    if (provider == each->name && each->key.empty()) return each->key_variable;
  }
  return {};
}

/// "a, b and c".
std::string listing(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

/// The order of MUSIC_PROVIDERS.
void read_order(reader& in, config& out) {
  const auto& known = provider_names();
  const auto accepted = "auto, or a comma-separated order of " + listing(known) + ", each once";
  const auto order = in.text("MUSIC_PROVIDERS").value_or("auto");
  if (order == "auto") {
    out.providers = {suno_is_configured(out) ? "suno" : "local"};
    return;
  }
  for (const auto name : split(order)) {
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
  std::map<std::string, gate_limits, std::less<>> gates{
      {"openai", {.most_at_once = 256}}, {"elevenlabs", {.most_at_once = 5}},
      {"fal", {.most_at_once = 40}},     {"replicate", {.burst = 600, .per = milliseconds{60'000}}},
      {"minimax", {.most_at_once = 5}},  {"stability", {.most_at_once = 10, .burst = 150, .per = milliseconds{10'000}}},
      {"acestep", {.most_at_once = 4}}};
  for (const auto name : provider_names()) gates.try_emplace(std::string{name});
  return gates;
}

/// Calls `use(gate, value)` for each `name=value` of the list; false from it refuses the variable.
template <class Use>
void read_gate_list(reader& in, std::string_view variable, const std::optional<std::string>& list, config& out,
                    std::string_view accepted, Use use) {
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
  read_gate_list(in, "UPSTREAM_MAX_AT_ONCE", at_once, out,
                 "a list such as elevenlabs=5,openai=100 of providers (and openai) and whole numbers, 0 for no bound",
                 [](gate_limits& gate, std::string_view value) {
                   const auto count = count_in(value);
                   if (count) gate.most_at_once = *count;
                   return count.has_value();
                 });
  const auto rates = in.text("UPSTREAM_RATES");
  read_gate_list(
      in, "UPSTREAM_RATES", rates, out,
      "a list such as suno=20/10s,replicate=600/1m of providers (and openai) and numbers of songs in a time, 0 for no bound",
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
  in.set_header_value("SUNO_COOKIE", out.suno_cookie);
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

}  // namespace

void read_music(reader& in, config& out) {
  read_suno(in, out);
  in.set_text("SOUNDFONT", out.soundfont);
  in.set_number<std::size_t>("LOCAL_RENDERS", out.local_renders, 1, 64);
  for (auto* each : out.services()) read_service(in, *each, out.insecure_upstreams);
  read_order(in, out);
  read_gates(in, out);
}

const std::vector<std::string_view>& provider_names() {
  static const auto all = [] {
    const config usual;
    std::vector<std::string_view> names{"suno"};
    for (const auto* each : usual.services()) names.push_back(each->name);
    names.push_back("local");
    return names;
  }();
  return all;
}

}  // namespace music::service
