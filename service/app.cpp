#include "app.hpp"

#include "adapters.hpp"
#include "await_on.hpp"
#include "config_music.hpp"
#include "metering.hpp"
#include "stores.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/shard.hpp>
#include <music/async/task_group.hpp>
#include <music/base/hash.hpp>
#include <music/base/redact.hpp>
#include <music/http/server.hpp>
#include <music/jobs/engine.hpp>
#include <music/net/http_client.hpp>
#include <music/net/resolver.hpp>
#include <music/net/tls.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/template/template_writer.hpp>
#include <music/skills/prompt_cache.hpp>
#include <music/skills/prompt_desk.hpp>
#include <music/webhooks/notifier.hpp>
#include <music/webhooks/sender.hpp>

#include <algorithm>
#include <future>
#include <map>
#include <utility>
#include <vector>

namespace music::service {
namespace {

using namespace std::chrono_literals;

constexpr auto jobs_drain = 7s;         // for submissions in flight
constexpr auto drain_budget = 8s;       // for everything; Docker kills after ten
constexpr std::size_t lookup_threads = 4;
constexpr std::size_t outside_lookup_threads = 16;  // each may hang for seconds at a name that somebody else chose

task<bool> done_after(task<void> work) {
  co_await std::move(work);
  co_return true;
}

http::served_role role_of(process_role role) noexcept {
  switch (role) {
    case process_role::all: return http::served_role::all;
    case process_role::prompt: return http::served_role::prompt;
    case process_role::music: return http::served_role::music;
  }
  return http::served_role::all;
}

/// What the process has once.
struct shared_parts {
  service_metrics metrics;
  opened_stores stores;
  net::tls_context upstream_tls;
  net::tls_context server_tls;
  std::shared_ptr<openai_habits> openai;
  std::unique_ptr<prompt_cache> prompts;  ///< null: every prompt is written anew
  blocking_pool lookups{lookup_threads};
  blocking_pool outside_lookups{outside_lookup_threads};
  blocking_pool renders;
  std::unique_ptr<song_callbacks> callbacks;
  std::map<std::string, std::unique_ptr<upstream_gate>, std::less<>> gates;
  std::vector<provider_entry> providers;
  explicit shared_parts(std::size_t render_threads) : renders(render_threads) {}
};

/// Telling others: lives on the first shard. A resolver and connections of its own, so that no upstream ever waits for a name or
/// a receiver that somebody else chose.
struct webhook_parts {
  std::unique_ptr<net::resolver> names;
  std::unique_ptr<net::http_client> client;
  std::unique_ptr<webhooks::sender> sender;
  std::unique_ptr<webhooks::announcer> tells;
};

/// What each shard has for itself. Declared in the order of construction: later parts use earlier ones.
struct shard_parts {
  std::unique_ptr<task_group> upkeep;
  std::unique_ptr<net::resolver> names;
  std::unique_ptr<net::http_client> client;
  std::unique_ptr<prompt_writer> writer;
  std::unique_ptr<prompt_generator> prompts;
  std::unique_ptr<song_inbox> song_news;  // before the providers that wait in it
  std::unique_ptr<music_generator> music;
  std::unique_ptr<prompt_service> prompt_desk;
};

class running_app final : public app {
 public:
  explicit running_app(config settings) : settings_(std::move(settings)), shared_(settings_.local_renders) {}
  ~running_app() override {
    stop_threads();
    server_.reset();
    engine_.reset();
    end_webhooks();
    parts_.clear();  // asks renders to stop
    // A render, a look-up or a write that was cut off still posts to its shard when it ends: so the pools and the stores,
    // which have threads of their own, end before the loops go.
    shared_.renders.join();
    shared_.lookups.join();
    shared_.outside_lookups.join();
    shared_.stores.audio.reset();
    shared_.stores.jobs.reset();
  }

  std::variant<std::monostate, start_error> start() {
    register_secrets();
    auto stores = open_stores(settings_, shared_.metrics);
    if (stores.has_error()) return start_error{stores.error().detail};
    shared_.stores = std::move(*stores);
    if (auto failure = open_tls()) return *failure;
    share_between_writers();
    make_shards();
    make_webhooks();
    make_engine();
    if (auto failure = listen()) return *failure;
    for (auto& each : shards_) each->start();
    erase_stray_audio(settings_, *shared_.stores.jobs, *shards_.front());
    const auto recovered = await_on(*shards_.front(), engine_->recover());
    if (recovered.has_error()) return start_error{"the job store cannot be read: " + redact(recovered.error().detail)};
    // Past what can fail: only `drain` ends what runs in a group.
    for (std::size_t i = 0; i < shards_.size(); ++i) shards_[i]->post([this, i] { parts_[i].upkeep->spawn(sweep(i)); });
    shards_.front()->post([this] { webhooks_.sender->start(); });
    server_->start();
    return std::monostate{};
  }

  const std::string& listening_at() const noexcept override { return listening_at_; }

  /// The jobs first: as long as a submission is in flight, clients are told that we drain and where their jobs stand.
  bool drain() override {
    engine_->begin_drain();
    const auto started = shards_.front()->clock().now();
    const auto until = started + drain_budget;
    bool at_rest = drain_jobs(started + jobs_drain);
    await_on(*shards_.front(), done_after(server_->drain(until)));
    for (std::size_t i = 0; i < shards_.size(); ++i) at_rest = await_on(*shards_[i], stop_upkeep(i, until)) && at_rest;
    at_rest = await_on(*shards_.front(), webhooks_.sender->drain(until)) && at_rest;
    stop_threads();
    return at_rest;
  }

 private:
  void register_secrets() const {
    register_secret(settings_.openai_key.reveal());
    register_secret(settings_.suno_key.reveal());
    register_secret(settings_.suno_cookie.reveal());
    register_secret(settings_.skill_key.reveal());
    for (const auto* service : settings_.services()) register_secret(service->key.reveal());
    for (const auto& key : settings_.api_keys) register_secret(key.value.reveal());
    for (const auto& each : settings_.webhook_secrets) register_secret(each.reveal());
    register_secret(settings_.webhooks.openclaw_token.reveal());
  }

  std::optional<start_error> open_tls() {
    auto client = net::tls_context::client(settings_.trust_file);
    if (client.has_error()) return start_error{"SSL_CERT_FILE: " + client.error().detail};
    shared_.upstream_tls = std::move(*client);
    if (settings_.tls_certificate_file.empty()) return std::nullopt;
    auto server = net::tls_context::server(settings_.tls_certificate_file, settings_.tls_key_file);
    if (server.has_error()) return start_error{"TLS_CERT_FILE, TLS_KEY_FILE: " + server.error().detail};
    shared_.server_tls = std::move(*server);
    return std::nullopt;
  }

  void share_between_writers() {
    shared_.openai = std::make_shared<openai_habits>(settings_.openai_answers);
    if (settings_.prompt_cache_ttl > 0s) shared_.prompts = std::make_unique<prompt_cache>(settings_.prompt_cache_ttl);
  }

  void make_shards() {
    make_gates();
    const auto count = settings_.shards == 0 ? usable_cores() : settings_.shards;
    parts_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      shards_.push_back(std::make_unique<shard>(i));
      auto& on = *shards_.back();
      auto& parts = parts_[i];
      parts.upkeep = std::make_unique<task_group>(on.get_executor(), "upkeep");
      parts.names = net::create_resolver(on.get_executor(), on.clock(), shared_.lookups);
      auto client = net::create_http_client(on.get_executor(), on.clock(), *parts.names, shared_.upstream_tls);
      parts.client = count_calls(std::move(client), names_of_apis(settings_), shared_.metrics);
      if (wants_song_news(settings_)) parts.song_news = std::make_unique<song_inbox>(on.get_executor(), on.clock());
      const auto adapters = adapter_parts_of(i);
      parts.writer = make_writer(settings_, adapters);
      parts.prompts = make_prompts(on, parts);
      parts.prompt_desk = create_prompt_desk(*parts.prompts, on.clock());
      parts.music = create_music_generator(make_providers(settings_, adapters), *shared_.stores.audio, on.clock(),
                                           system_random(), {}, [this](std::string_view upstream) { return gate_of(upstream); });
    }
  }

  void make_gates() {
    for (const auto& [name, limits] : settings_.gates) shared_.gates.emplace(name, std::make_unique<upstream_gate>(limits));
  }

  [[nodiscard]] upstream_gate* gate_of(std::string_view upstream) const {
    const auto found = shared_.gates.find(upstream);
    return found == shared_.gates.end() ? nullptr : found->second.get();
  }

  [[nodiscard]] adapter_parts adapter_parts_of(std::size_t index) {
    auto& parts = parts_[index];
    return {shards_[index]->clock(), *parts.client,  *shared_.stores.audio, shared_.renders,
            *parts.upkeep,           shared_.openai, parts.song_news.get()};
  }

  std::unique_ptr<prompt_generator> make_prompts(shard& on, shard_parts& parts) {
    auto* gate = settings_.writer == writer_kind::embedded ? nullptr : gate_of("openai");
    auto prompts = create_prompt_generator(*parts.writer, on.clock(), system_random(), {}, gate);
    if (!shared_.prompts) return prompts;
    const bool embedded = settings_.writer == writer_kind::embedded;
    auto writer =
        embedded ? std::string{template_model} : settings_.openai_model + '/' + std::string{openai_instructions_version};
    return create_cached_prompt_generator(std::move(prompts), *shared_.prompts, std::move(writer), on.clock());
  }

  /// The configured ones first, in their order. The others are made only to be asked what they are.
  void list_providers() {
    auto& all = shared_.providers;
    for (const auto& each : parts_.front().music->providers()) all.push_back({each->info(), true});
    auto adapters = adapter_parts_of(0);
    adapters.song_news = nullptr;  // nobody will call back a gateway that is not asked
    for (const auto name : provider_names()) {
      const bool listed =
          std::any_of(all.begin(), all.end(), [name](const provider_entry& each) { return each.info.name == name; });
      if (!listed) all.push_back({make_provider(name, settings_, adapters)->info(), false});
    }
  }

  /// Null where nobody is told to call back.
  song_callbacks* make_callbacks() {
    std::vector<shard_inbox> inboxes;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (parts_[i].song_news) inboxes.push_back({shards_[i]->get_executor(), parts_[i].song_news.get()});
    }
    const bool wanted = settings_.suno_callbacks && !settings_.public_base_url.empty() && !inboxes.empty();
    if (wanted) shared_.callbacks = create_suno_callbacks(settings_.suno_format, copy_of(settings_.suno_key), std::move(inboxes));
    return shared_.callbacks.get();
  }

  void make_webhooks() {
    auto& on = *shards_.front();
    const net::resolver_options asks_each_time{.fresh_for = 0s, .stale_for = 0s};
    webhooks_.names =
        net::create_resolver(on.get_executor(), on.clock(), shared_.outside_lookups, asks_each_time, net::lookup_outside_name);
    net::http_client_options options;
    options.max_connections_per_origin = 16;
    options.max_idle_per_origin = 4;
    for (const auto& own : net::local_addresses()) options.own_endpoints.emplace_back(own, settings_.port);
    webhooks_.client =
        net::create_http_client(on.get_executor(), on.clock(), *webhooks_.names, shared_.upstream_tls, std::move(options));
    const webhooks::sender_parts parts{on.get_executor(), on.clock(), system_random(), shared_.stores.jobs->deliveries(),
                                       *webhooks_.client};
    webhooks_.sender = webhooks::create_sender(settings_.webhooks, parts);
    webhooks_.tells = webhooks::create_notifier(settings_.webhooks, [this] { webhooks_.sender->look(); });
  }

  /// In the reverse order of their making.
  void end_webhooks() { const auto ending = std::exchange(webhooks_, webhook_parts{}); }

  void make_engine() {
    std::vector<engine_shard> parts;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      parts.push_back({shards_[i]->get_executor(), shards_[i]->clock(), *parts_[i].prompts, *parts_[i].music});
    }
    const engine_options options{settings_.job_retention, settings_.job_deadline, settings_.most_active_jobs,
                                 webhooks_.tells.get()};
    engine_ = create_job_engine(options, *shared_.stores.jobs, *shared_.stores.audio, system_random(), std::move(parts));
    shared_.metrics.active_jobs = [this] { return engine_->active_jobs(); };
  }

  std::optional<start_error> listen() {
    http::http_options options;
    options.public_base_url = settings_.public_base_url;
    for (const auto& key : settings_.api_keys) options.keys.push_back({key.name, sha256_of(key.value.reveal())});
    options.role = role_of(settings_.role);
    const bool secure = !settings_.tls_certificate_file.empty();
    if (secure) options.tls = &shared_.server_tls;
    list_providers();
    auto* const callbacks = make_callbacks();
    std::vector<http::http_ports> ports;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      ports.push_back({shards_[i]->get_executor(), shards_[i]->clock(), engine_->service(i), engine_->control(i),
                       *shared_.stores.audio, *engine_, system_random(), parts_[i].prompt_desk.get(), callbacks, &shared_.metrics,
                       &shared_.stores.jobs->deliveries(), webhooks_.tells.get(), &engine_->batches(i), shared_.providers});
    }
    server_ = http::create_http_server(std::move(options), std::move(ports));
    const auto port = server_->listen(settings_.host, settings_.port);
    if (port.has_error()) return start_error{"HOST, PORT: " + port.error().detail};
    const bool bare_ipv6 = settings_.host.find(':') != std::string::npos;
    const auto host = bare_ipv6 ? '[' + settings_.host + ']' : settings_.host;
    listening_at_ = std::string{secure ? "https://" : "http://"} + host + ':' + std::to_string(*port);
    webhooks_.tells->set_base_url(settings_.public_base_url.empty() ? listening_at_ : settings_.public_base_url);
    return std::nullopt;
  }

  task<void> sweep(std::size_t index) {
    auto& clock = shards_[index]->clock();
    for (;;) {
      co_await clock.sleep_until(on_grid(clock.now() + 1s), use_task);
      parts_[index].client->sweep();
      if (index == 0) webhooks_.client->sweep();
    }
  }

  /// On all shards at once: one that waits for a submission must not take the others' time, nor let them begin new ones.
  bool drain_jobs(time_point until) {
    std::vector<std::future<bool>> draining;
    for (std::size_t i = 0; i < shards_.size(); ++i) draining.push_back(begin_on(*shards_[i], engine_->drain(i, until)));
    bool at_rest = true;
    for (auto& each : draining) at_rest = each.get() && at_rest;
    return at_rest;
  }

  task<bool> stop_upkeep(std::size_t index, time_point until) {
    parts_[index].upkeep->cancel();
    const bool stopped = co_await parts_[index].upkeep->drain(shards_[index]->clock(), until);
    parts_[index].client->close_idle();
    co_return stopped;
  }

  void stop_threads() {
    for (auto& each : shards_) each->stop();
    for (auto& each : shards_) each->join();
  }

  config settings_;
  shared_parts shared_;
  std::vector<std::unique_ptr<shard>> shards_;
  std::vector<shard_parts> parts_;
  webhook_parts webhooks_;
  std::unique_ptr<job_engine> engine_;
  std::unique_ptr<http::http_server> server_;
  std::string listening_at_;
};

}  // namespace

std::variant<std::unique_ptr<app>, start_error> start_app(config settings) {
  auto made = std::make_unique<running_app>(std::move(settings));
  auto outcome = made->start();
  if (auto* failure = std::get_if<start_error>(&outcome)) return *failure;
  return made;
}

}  // namespace music::service
