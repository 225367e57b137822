#include "config.hpp"
#include "dotenv.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

using namespace music;
using namespace music::service;
using namespace std::chrono_literals;

namespace {

using values = std::map<std::string, std::string, std::less<>>;

std::variant<config, config_error> load(values set) {
  return load_config([set = std::move(set)](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional{found->second};
  });
}

config good(values set) {
  auto outcome = load(std::move(set));
  if (const auto* problem = std::get_if<config_error>(&outcome)) FAIL(problem->message);
  return std::move(std::get<config>(outcome));
}

std::string refused(values set) {
  auto outcome = load(std::move(set));
  REQUIRE(std::holds_alternative<config_error>(outcome));
  return std::get<config_error>(outcome).message;
}

}  // namespace

TEST_CASE("without any variable the service runs on embedded defaults") {
  const auto settings = good({});

  CHECK(settings.host == "127.0.0.1");
  CHECK(settings.port == 8080);
  CHECK(settings.store == store_kind::sqlite);
  CHECK(settings.writer == writer_kind::embedded);
  CHECK(settings.providers == std::vector<std::string>{"local"});
  CHECK(settings.job_retention == 24h);
}

TEST_CASE("keys switch OpenAI and Suno on") {
  const auto settings = good({{"OPENAI_API_KEY", "test-key"}, {"SUNO_API_KEY", "test-key"}});

  CHECK(settings.writer == writer_kind::openai);
  CHECK(settings.providers == std::vector<std::string>{"suno"});
}

TEST_CASE("what cannot be used is refused with the variable's name and what is accepted") {
  const auto [variable, value] = GENERATE(table<std::string, std::string>({
      {"PORT", "65536"},
      {"PORT", "http"},
      {"PORT", "-1"},
      {"HOST", "example.test/"},
      {"JOB_STORE", "mysql"},
      {"JOB_STORE", "postgresql://music@db/music?no_such=1"},
      {"JOB_RETENTION", "soon"},
      {"JOB_DEADLINE", "0"},
      {"MAX_ACTIVE_JOBS", "0"},
      {"OPENAI_TIMEOUT", "x"},
      {"OPENAI_BASE_URL", "http://api.example.test"},
      {"OPENAI_BASE_URL", "https://user@example.test"},
      {"PROMPT_WRITER", "claude"},
      {"ROLE", "both"},
      {"PROMPT_SKILL_URL", "http://example.test"},
      {"OPENAI_STRUCTURED_OUTPUT", "xml"},
      {"OPENAI_MAX_TOKENS", "10"},
      {"PROMPT_CACHE_TTL", "soon"},
      {"SUNO_API_BASE_URL", "ftp://x"},
      {"SUNO_MAX_RETRIES", "many"},
      {"SUNO_DIALECT", "latin"},
      {"MUSIC_PROVIDERS", "suno,sono"},
      {"MUSIC_PROVIDERS", "local,local"},
      {"UPSTREAM_MAX_AT_ONCE", "suno"},
      {"UPSTREAM_MAX_AT_ONCE", "sono=1"},
      {"UPSTREAM_MAX_AT_ONCE", "suno=many"},
      {"UPSTREAM_RATES", "suno=20"},
      {"UPSTREAM_RATES", "suno=0/10s"},
      {"UPSTREAM_RATES", "suno=20/soon"},
      {"BREAKER_FAILURES", "-1"},
      {"BREAKER_PAUSE", "0"},
      {"FAL_MODEL", "../x"},
      {"ELEVENLABS_BASE_URL", "http://api.example.test"},
      {"ACESTEP_BASE_URL", "http://127.0.0.1:8001"},
      {"LOG_LEVEL", "LOUD"},
      {"LOG_FORMAT", "xml"},
      {"SHARDS", "1000"},
      {"ALLOW_INSECURE_UPSTREAMS", "yes"},
      {"API_KEYS", "alice"},
      {"API_KEYS", "alice=short"},
      {"API_KEYS", "al ice=long-enough-secret"},
      {"TLS_CERT_FILE", "cert.pem"},
      {"PUBLIC_BASE_URL", "nowhere"},
      {"PUBLIC_BASE_URL", "https://a/?q"},
  }));

  const auto message = refused({{variable, value}});

  CHECK((message.starts_with(variable + " must be ") || message.starts_with("TLS_KEY_FILE must be ")));
}

TEST_CASE("a message never shows a secret") {
  CHECK(refused({{"OPENAI_API_KEY", "secret with spaces"}}).find("secret with") == std::string::npos);
  CHECK(refused({{"API_KEYS", "alice=hunter2"}}).find("hunter2") == std::string::npos);
  CHECK(refused({{"JOB_STORE", "postgresql://music:hunter2@db/music?no_such=1"}}).find("hunter2") == std::string::npos);
}

TEST_CASE("a PostgreSQL URL opens the shared store") {
  const auto settings = good({{"JOB_STORE", "postgresql://music:test-password@db/music?sslmode=verify-full"}});

  CHECK(settings.store == store_kind::postgres);
  CHECK(settings.store_url.reveal() == "postgresql://music:test-password@db/music?sslmode=verify-full");
}

TEST_CASE("a public address needs keys or a clear word") {
  CHECK(refused({{"HOST", "0.0.0.0"}}).starts_with("API_KEYS must be set"));
  CHECK(good({{"HOST", "0.0.0.0"}, {"ALLOW_ANONYMOUS", "1"}}).host == "0.0.0.0");
  CHECK(good({{"HOST", "0.0.0.0"}, {"API_KEYS", "alice=long-enough-secret"}}).api_keys.size() == 1);
}

TEST_CASE("plain http upstreams need permission and a loopback address") {
  CHECK(refused({{"SUNO_API_BASE_URL", "http://127.0.0.1:9"}}).starts_with("SUNO_API_BASE_URL"));
  CHECK(refused({{"SUNO_API_BASE_URL", "http://example.test"}, {"ALLOW_INSECURE_UPSTREAMS", "1"}})
            .starts_with("SUNO_API_BASE_URL"));
  CHECK(good({{"SUNO_API_BASE_URL", "http://127.0.0.1:9"}, {"ALLOW_INSECURE_UPSTREAMS", "1"}}).insecure_upstreams);
}

TEST_CASE("a provider that needs a key is not configured without it") {
  CHECK(refused({{"MUSIC_PROVIDERS", "suno,local"}}).starts_with("SUNO_API_KEY"));
  CHECK(refused({{"MUSIC_PROVIDERS", "elevenlabs"}}).starts_with("ELEVENLABS_API_KEY"));
  CHECK(refused({{"MUSIC_PROVIDERS", "local,fal"}}).starts_with("FAL_KEY"));
  CHECK(refused({{"MUSIC_PROVIDERS", "acestep"}}).starts_with("ACESTEP_BASE_URL"));
  CHECK(good({{"MUSIC_PROVIDERS", "minimax,local"}, {"MINIMAX_API_KEY", "test-key"}}).providers.size() == 2);
  CHECK(refused({{"PROMPT_WRITER", "openai"}}).starts_with("OPENAI_API_KEY"));
  CHECK(good({{"PROMPT_WRITER", "openai"}, {"OPENAI_BASE_URL", "https://llm.example.test/v1"}}).writer == writer_kind::openai);
}

TEST_CASE("limits of upstreams that are not named keep their defaults") {
  const auto usual = good({}).gates;
  const auto gates =
      good({{"UPSTREAM_MAX_AT_ONCE", "suno=3, minimax=0"}, {"UPSTREAM_RATES", "suno=20/10s"}, {"BREAKER_PAUSE", "1m"}}).gates;

  CHECK(gates.at("suno").most_at_once == 3);
  CHECK(gates.at("suno").burst == 20);
  CHECK(gates.at("suno").per == std::chrono::seconds{10});
  CHECK(gates.at("minimax").most_at_once == 0);
  CHECK(gates.at("elevenlabs").most_at_once == usual.at("elevenlabs").most_at_once);
  CHECK(gates.at("local").pause == std::chrono::minutes{1});
}

TEST_CASE("an empty value counts as not set") { CHECK(good({{"PORT", ""}, {"JOB_STORE", ""}}).port == 8080); }

TEST_CASE(".env.template names every variable with its default and nothing else") {
  std::ifstream file{MUSIC_SOURCE_DIR "/.env.template"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  int line = 0;
  const auto set = parse_dotenv(text, line);
  REQUIRE(set);

  values expected;
  for (const auto& each : variables()) expected.emplace(each.name, each.fallback);

  CHECK(*set == expected);
}

TEST_CASE("the template can be used as it is") {
  std::ifstream file{MUSIC_SOURCE_DIR "/.env.template"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  int line = 0;

  const auto settings = good(parse_dotenv(text, line).value());

  CHECK(settings.providers == good({}).providers);
  CHECK(settings.job_deadline == good({}).job_deadline);
}

namespace {

const std::string good_secret = std::string{"whsec_"} + "c2VjcmV0IG9mIGEgdGVzdCwgbm90IG1vcmUu";

}  // namespace

TEST_CASE("webhooks need nothing, and say what they need when they are wanted") {
  CHECK_FALSE(good({}).webhooks.service_format);
  CHECK_FALSE(good({}).webhooks.signer.ready());
  CHECK(refused({{"WEBHOOK_URL", "https://hooks.customer.com/x"}}).starts_with("WEBHOOK_SECRET must be set"));
  CHECK(refused({{"WEBHOOK_FORMAT", "openclaw"}}).starts_with("OPENCLAW_HOOK_URL must be set"));
  CHECK(refused({{"OPENCLAW_HOOK_URL", "https://gateway.customer.com/hooks"}}).starts_with("OPENCLAW_HOOK_TOKEN must be set"));
  CHECK(refused({{"WEBHOOK_SECRET_PREVIOUS", good_secret}}).starts_with("WEBHOOK_SECRET must be set"));

  const auto standard = good({{"WEBHOOK_URL", "https://hooks.customer.com/x"},
                              {"WEBHOOK_SECRET", good_secret},
                              {"WEBHOOK_EVENTS", "job.started, job.success"}});
  CHECK(standard.webhooks.service_format == webhook_format::standard);
  CHECK(standard.webhooks.service_events == std::vector{webhook_event::started, webhook_event::success});
}

TEST_CASE("what is in the table is read, and nothing else") {
  std::set<std::string, std::less<>> read;
  const auto config = load_config([&read](std::string_view name) -> std::optional<std::string> {
    read.emplace(name);
    if (name == "WEBHOOK_SECRET") return good_secret;  // else nobody asks for the one of before
    return std::nullopt;
  });
  std::set<std::string, std::less<>> listed;
  for (const auto& each : variables()) listed.emplace(each.name);

  REQUIRE(std::holds_alternative<service::config>(config));
  CHECK(read == listed);
}

TEST_CASE("the operator's gateway on loopback is asked without being opened to callers") {
  const auto settings = good({{"OPENCLAW_HOOK_URL", "http://127.0.0.1:18789/hooks"},
                              {"OPENCLAW_HOOK_TOKEN", "test-token"},
                              {"WEBHOOK_FORMAT", "openclaw"}});

  CHECK(settings.webhooks.openclaw_url->policy == net::address_policy::any);
  CHECK(settings.webhooks.service_format == webhook_format::openclaw);
  CHECK(settings.webhooks.egress.check("http://127.0.0.1:18789/hooks").has_error());
}

TEST_CASE("webhook variables that cannot be used are refused by name") {
  const auto [variable, value] = GENERATE(table<std::string, std::string>({
      {"WEBHOOK_SECRET", "hunter2"},
      {"WEBHOOK_SECRET", "whsec_aHVudGVyMg=="},
      {"WEBHOOK_EVENTS", "job.done"},
      {"WEBHOOK_EVENTS", "job.success,job.success"},
      {"WEBHOOK_FORMAT", "xml"},
      {"WEBHOOK_ALLOWED_HOSTS", "localhost"},
      {"WEBHOOK_ALLOWED_HOSTS", "*:80"},
      {"WEBHOOK_URL", "http://hooks.customer.com/"},
      {"WEBHOOK_URL", "http://10.0.0.1/"},
      {"OPENCLAW_HOOK_URL", "http://gateway.customer.com:443/hooks"},
      {"OPENCLAW_HOOK_URL", "http://127.0.0.1/hooks?x"},
  }));

  const auto message = refused({{variable, value}});

  CHECK(message.starts_with(variable + " must be "));
  CHECK(message.find("hunter2") == std::string::npos);
  CHECK(message.find("aHVudGVyMg") == std::string::npos);
}

TEST_CASE("the service does not tell itself") {
  CHECK(refused({{"PUBLIC_BASE_URL", "https://music.customer.com"},
                 {"WEBHOOK_URL", "https://music.customer.com/x"},
                 {"WEBHOOK_SECRET", good_secret}})
            .starts_with("WEBHOOK_URL"));
}
