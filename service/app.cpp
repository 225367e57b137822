#include "app.hpp"

#include "metering.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/shard.hpp>
#include <music/async/task_group.hpp>
#include <music/base/hash.hpp>
#include <music/base/log.hpp>
#include <music/base/redact.hpp>
#include <music/http/server.hpp>
#include <music/jobs/engine.hpp>
#include <music/net/http_client.hpp>
#include <music/net/resolver.hpp>
#include <music/net/tls.hpp>
#include <music/providers/acestep/acestep_provider.hpp>
#include <music/providers/elevenlabs/elevenlabs_provider.hpp>
#include <music/providers/fal/fal_provider.hpp>
#include <music/providers/local/local_provider.hpp>
#include <music/providers/minimax/minimax_provider.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/replicate/replicate_provider.hpp>
#include <music/providers/stability/stability_provider.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/template/template_writer.hpp>
#include <music/skills/prompt_cache.hpp>
#include <music/skills/prompt_desk.hpp>
#include <music/store/file_audio_store.hpp>
#include <music/store/memory_store.hpp>
#include <music/store/sqlite_store.hpp>
#include <music/webhooks/notifier.hpp>
#include <music/webhooks/sender.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace music::service {
namespace {

using namespace std::chrono_literals;

constexpr auto jobs_drain = 7s;         // for submissions in flight
constexpr auto drain_budget = 8s;       // for everything; Docker kills after ten
constexpr std::size_t lookup_threads = 4;
constexpr std::size_t outside_lookup_threads = 16;  // each may hang for seconds at a name that somebody else chose

/// Secrets do not copy by themselves; each shard's adapter gets one of its own.
secret copy_of(const secret& original) { return secret{std::string{original.reveal()}}; }

/// Starts a task on a shard.
template <class T>
std::future<T> begin_on(shard& on, task<T> work) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  asio::co_spawn(on.get_executor(), std::move(work), [promise](std::exception_ptr thrown, T value) {
    thrown ? promise->set_exception(thrown) : promise->set_value(std::move(value));
  });
  return future;
}

/// Runs a task on a shard and waits for it on this thread.
template <class T>
T await_on(shard& on, task<T> work) {
  return begin_on(on, std::move(work)).get();
}

task<bool> done_after(task<void> work) {
  co_await std::move(work);
  co_return true;
}

/// What the process has once.
struct shared_parts {
  service_metrics metrics;
  std::unique_ptr<job_store> jobs;
  std::unique_ptr<audio_store> audio;
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
    shared_.audio.reset();
    shared_.jobs.reset();
  }

  std::variant<std::monostate, start_error> start() {
    register_secrets();
    if (auto failure = open_stores()) return *failure;
    if (auto failure = open_tls()) return *failure;
    share_between_writers();
    make_shards();
    make_webhooks();
    make_engine();
    if (auto failure = listen()) return *failure;
    for (auto& each : shards_) each->start();
    for (std::size_t i = 0; i < shards_.size(); ++i) shards_[i]->post([this, i] { parts_[i].upkeep->spawn(sweep(i)); });
    erase_stray_audio();
    const auto recovered = await_on(*shards_.front(), engine_->recover());
    if (recovered.has_error()) return start_error{"the job store cannot be read: " + redact(recovered.error().detail)};
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
    for (const auto* service : services()) register_secret(service->key.reveal());
    for (const auto& key : settings_.api_keys) register_secret(key.value.reveal());
    for (const auto& each : settings_.webhook_secrets) register_secret(each.reveal());
    register_secret(settings_.webhooks.openclaw_token.reveal());
  }

  std::optional<start_error> open_stores() {
    if (settings_.store == store_kind::memory) {
      shared_.jobs = count_operations(create_memory_job_store(), shared_.metrics);
      shared_.audio = create_memory_audio_store();
      return std::nullopt;
    }
    sqlite_options options;
    options.directory = settings_.data_directory;
    auto jobs = open_sqlite_job_store(options);
    if (jobs.has_error()) return start_error{"DATA_DIR: " + jobs.error().detail};
    auto audio = open_file_audio_store(settings_.data_directory);
    if (audio.has_error()) return start_error{"DATA_DIR: " + audio.error().detail};
    shared_.jobs = count_operations(std::move(*jobs), shared_.metrics);
    shared_.audio = std::move(*audio);
    return std::nullopt;
  }

  /// A crash between placing a song's file and the commit that names it leaves a file that nobody would ever erase. The
  /// directory is ours alone, and no job is worked on yet.
  void erase_stray_audio() {
    if (settings_.store != store_kind::sqlite) return;
    job_filter filter;
    filter.unfinished_only = true;
    filter.limit = std::numeric_limits<std::int32_t>::max();
    const auto unfinished = await_on(*shards_.front(), shared_.jobs->select(std::move(filter)));
    if (unfinished.has_error()) return;  // `recover` says why
    std::vector<job_id> fetching;
    std::set<std::string, std::less<>> named;
    for (const auto& each : *unfinished) {
      if (each.stage != job_stage::fetching) continue;
      fetching.push_back(each.id);
      named.insert(each.music.song_id);
    }
    if (fetching.empty()) return;
    const auto erased = erase_unnamed_audio(settings_.data_directory, fetching, named);
    if (erased.has_error()) {
      log::warning({"service", "audio_store", "erase_stray_audio", "error"}, {{"detail", redact(erased.error().detail)}});
    } else if (*erased > 0) {
      log::info({"service", "audio_store", "erase_stray_audio", "success"}, {{"count", *erased}});
    }
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
      parts.client = count_calls(std::move(client), names_of_apis(), shared_.metrics);
      parts.writer = make_writer(on, parts);
      parts.prompts = make_prompts(on, parts);
      parts.prompt_desk = create_prompt_desk(*parts.prompts, on.clock());
      parts.music = create_music_generator(make_providers(on, parts), *shared_.audio, on.clock(), system_random(), {},
                                           [this](std::string_view upstream) { return gate_of(upstream); });
    }
  }

  void make_gates() {
    for (const auto& [name, limits] : settings_.gates) shared_.gates.emplace(name, std::make_unique<upstream_gate>(limits));
  }

  [[nodiscard]] upstream_gate* gate_of(std::string_view upstream) const {
    const auto found = shared_.gates.find(upstream);
    return found == shared_.gates.end() ? nullptr : found->second.get();
  }

  /// What GET /metrics calls the services that are configured.
  [[nodiscard]] std::map<net::origin, std::string> names_of_apis() const {
    std::map<net::origin, std::string> names;
    const auto add = [&names](const std::string& base_url, std::string_view name) {
      if (!base_url.empty()) names.emplace(net::parse_url(base_url).value().from, name);
    };
    add(settings_.openai_base_url, "openai");
    add(settings_.suno_base_url, "suno");
    for (const auto* service : services()) add(service->base_url, service->name);
    return names;
  }

  std::unique_ptr<prompt_writer> make_writer(shard& on, shard_parts& parts) const {
    if (settings_.writer == writer_kind::embedded) return create_template_writer();
    openai_options options;
    options.base = net::parse_url(settings_.openai_base_url).value();
    options.key = copy_of(settings_.openai_key);
    options.model = settings_.openai_model;
    options.timeout = settings_.openai_timeout;
    options.most_tokens = settings_.openai_most_tokens;
    options.habits = shared_.openai;
    return create_openai_writer(std::move(options), *parts.client, on.clock());
  }

  std::unique_ptr<prompt_generator> make_prompts(shard& on, shard_parts& parts) {
    auto* gate = settings_.writer == writer_kind::embedded ? nullptr : gate_of("openai");
    auto prompts = create_prompt_generator(*parts.writer, on.clock(), system_random(), {}, gate);
    if (!shared_.prompts) return prompts;
    const bool embedded = settings_.writer == writer_kind::embedded;
    auto writer = embedded ? std::string{template_model} : settings_.openai_model + '/' + std::string{openai_instructions_version};
    return create_cached_prompt_generator(std::move(prompts), *shared_.prompts, std::move(writer), on.clock());
  }

  std::vector<std::unique_ptr<music_provider>> make_providers(shard& on, shard_parts& parts) {
    std::vector<std::unique_ptr<music_provider>> providers;
    for (const auto& name : settings_.providers) providers.push_back(make_provider(name, on, parts));
    return providers;
  }

  /// A new music service is one folder under lib/providers and one line here.
  std::unique_ptr<music_provider> make_provider(std::string_view name, shard& on, shard_parts& parts) {
    auto& client = *parts.client;
    auto& audio = *shared_.audio;
    if (name == "suno") return make_suno(on, parts);
    if (name == "elevenlabs") return create_elevenlabs_provider(account_of(settings_.elevenlabs), client, audio, on.clock());
    if (name == "fal") return create_fal_provider(account_of(settings_.fal), client, on.clock());
    if (name == "replicate") return create_replicate_provider(account_of(settings_.replicate), client, on.clock());
    if (name == "minimax") return create_minimax_provider(account_of(settings_.minimax), client, audio, on.clock());
    if (name == "stability") return create_stability_provider(account_of(settings_.stability), client, audio, on.clock());
    if (name == "acestep") return create_acestep_provider(account_of(settings_.acestep), client, on.clock());
    return make_local(on, parts);
  }

  /// The configured ones first, in their order. The others are made only to be asked what they are.
  void list_providers() {
    for (const auto& each : parts_.front().music->providers()) shared_.providers.push_back({each->info(), true});
    for (const auto name : provider_names()) {
      const auto& order = settings_.providers;
      if (std::find(order.begin(), order.end(), name) != order.end()) continue;
      shared_.providers.push_back({make_provider(name, *shards_.front(), parts_.front())->info(), false});
      if (name == "suno") parts_.front().song_news.reset();  // nobody will call back a gateway that is not asked
    }
  }

  [[nodiscard]] std::array<const music_service*, 6> services() const {
    return {&settings_.elevenlabs, &settings_.fal, &settings_.replicate, &settings_.minimax, &settings_.stability, &settings_.acestep};
  }

  static upstream::account account_of(const music_service& service) {
    upstream::account account;
    if (!service.base_url.empty()) account.base = net::parse_url(service.base_url).value();
    account.key = copy_of(service.key);
    account.model = service.model;
    account.timeout = service.timeout;
    return account;
  }

  std::unique_ptr<music_provider> make_suno(shard& on, shard_parts& parts) const {
    suno_options options;
    options.dialect = settings_.suno_format;
    if (!settings_.suno_base_url.empty()) options.base = net::parse_url(settings_.suno_base_url).value();
    options.key = copy_of(settings_.suno_key);
    options.cookie = copy_of(settings_.suno_cookie);
    options.model = settings_.suno_model;
    if (settings_.suno_callbacks) options.callback_base = settings_.public_base_url;
    options.timeout = settings_.suno_timeout;
    options.learned_pace = !settings_.suno_poll_interval;
    options.retry_delay = settings_.suno_poll_interval.value_or(options.retry_delay);
    options.max_retries = settings_.suno_polls;
    parts.song_news = std::make_unique<song_inbox>(on.get_executor(), on.clock());
    return create_suno_provider(std::move(options), *parts.client, on.clock(), {parts.song_news.get(), parts.upkeep.get()});
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

  std::unique_ptr<music_provider> make_local(shard& on, shard_parts& parts) {
    local_options options;
    options.soundfont = settings_.soundfont;
    options.max_renders = settings_.local_renders;
    return create_local_provider(std::move(options), shared_.renders, on.clock(), *parts.upkeep);
  }

  void make_webhooks() {
    auto& on = *shards_.front();
    const net::resolver_options asks_each_time{.fresh_for = 0s, .stale_for = 0s};
    webhooks_.names = net::create_resolver(on.get_executor(), on.clock(), shared_.outside_lookups, asks_each_time, net::lookup_outside_name);
    net::http_client_options options;
    options.max_connections_per_origin = 16;
    options.max_idle_per_origin = 4;
    for (const auto& own : net::local_addresses()) options.own_endpoints.emplace_back(own, settings_.port);
    webhooks_.client = net::create_http_client(on.get_executor(), on.clock(), *webhooks_.names, shared_.upstream_tls, std::move(options));
    const webhooks::sender_parts parts{on.get_executor(), on.clock(), system_random(), shared_.jobs->deliveries(), *webhooks_.client};
    webhooks_.sender = webhooks::create_sender(settings_.webhooks, parts);
    webhooks_.tells = webhooks::create_notifier(settings_.webhooks, [this] { webhooks_.sender->look(); });
  }

  /// In the reverse order of their making.
  void end_webhooks() {
    const auto ending = std::exchange(webhooks_, webhook_parts{});
  }

  void make_engine() {
    std::vector<engine_shard> parts;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      parts.push_back({shards_[i]->get_executor(), shards_[i]->clock(), *parts_[i].prompts, *parts_[i].music});
    }
    const engine_options options{settings_.job_retention, settings_.job_deadline, settings_.most_active_jobs, webhooks_.tells.get()};
    engine_ = create_job_engine(options, *shared_.jobs, *shared_.audio, system_random(), std::move(parts));
    shared_.metrics.active_jobs = [this] { return engine_->active_jobs(); };
  }

  std::optional<start_error> listen() {
    http::http_options options;
    options.public_base_url = settings_.public_base_url;
    for (const auto& key : settings_.api_keys) options.keys.push_back({key.name, sha256_of(key.value.reveal())});
    const bool secure = !settings_.tls_certificate_file.empty();
    if (secure) options.tls = &shared_.server_tls;
    list_providers();
    auto* const callbacks = make_callbacks();
    std::vector<http::http_ports> ports;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      ports.push_back({shards_[i]->get_executor(), shards_[i]->clock(), engine_->service(i), engine_->control(i), *shared_.audio,
                       *engine_, system_random(), parts_[i].prompt_desk.get(), callbacks,
                       &shared_.metrics, &shared_.jobs->deliveries(), webhooks_.tells.get(), shared_.providers});
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
