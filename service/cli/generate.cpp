#include "generate.hpp"

#include "../app.hpp"
#include "commands.hpp"
#include "progress.hpp"
#include "song_client.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/deadline.hpp>
#include <music/net/tls.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>

namespace music::service {
namespace {

using namespace std::chrono_literals;

/// The service inside this process: only this command talks to it.
config private_service(config settings) {
  settings.host = "127.0.0.1";
  settings.port = 0;
  settings.public_base_url.clear();
  settings.api_keys.clear();
  settings.tls_certificate_file.clear();
  settings.tls_key_file.clear();
  if (settings.log_level == log::level::info) settings.log_level = log::level::warning;  // the progress bar says the rest
  return settings;
}

/// What the asking coroutine leaves behind.
struct outcome {
  std::optional<result<job_view>> job;
  std::optional<result<std::uint64_t>> saved;
  std::string path;
};

std::string free_path(const std::string& wanted) {
  const std::filesystem::path base{wanted};
  auto path = base;
  for (int copy = 2; std::filesystem::exists(path); ++copy) {
    path = base.parent_path() / (base.stem().string() + '-' + std::to_string(copy) + base.extension().string());
  }
  return path.string();
}

task<void> keep_showing(clock& clock, progress_display& display, std::string& stage) {
  for (;;) {
    if (!stage.empty()) display.show(stage);
    co_await clock.sleep_until(clock.now() + 500ms, use_task);
  }
}

task<void> ask_and_save(song_client& client, const generate_options& options, std::string& stage, outcome& out) {
  auto job = co_await client.make(options.theme, options.tags, [&stage](const job_view& seen) { stage = seen.stage; });
  out.job.emplace(job);
  if (job.has_error() || job->status != "success") co_return;
  const auto title = job->title.empty() ? options.theme : job->title;
  out.path = options.output.empty() ? free_path(file_name_for(title, job->content_type)) : options.output;
  auto saved = co_await client.save(*job, out.path);
  out.saved.emplace(std::move(saved));
}

task<void> run_client(song_client& client, clock& clock, const generate_options& options, outcome& out) {
  progress_display display;
  std::string stage;
  // Whichever ends first ends the other: the display never ends by itself.
  auto asking = ask_and_save(client, options, stage, out);
  event done{co_await asio::this_coro::executor};
  auto showing = keep_showing(clock, display, stage);
  asio::co_spawn(co_await asio::this_coro::executor, std::move(asking), [&done](std::exception_ptr) { done.set(); });
  co_await run_guarded(clock, time_point::max(), &done, std::move(showing));
  if (!stage.empty()) display.show(stage);
  display.finish();
}

int report(const generate_options& options, const outcome& out) {
  if (!out.job || out.job->has_error()) {
    const auto why = out.job ? out.job->error().detail : std::string{"the service could not be asked"};
    std::fprintf(stderr, "openclaw-music: %s\n", why.empty() ? "the service could not be reached" : why.c_str());
    return exit_failed;
  }
  const auto& job = **out.job;
  std::printf("%s\n", options.json ? job.json.c_str() : indent_json(job.json).c_str());
  if (job.status != "success") {
    std::fprintf(stderr, "openclaw-music: the job ended with \"%s\": %s\n", job.status.c_str(), job.message.c_str());
    return exit_failed;
  }
  if (!out.saved || out.saved->has_error()) {
    std::fprintf(stderr, "openclaw-music: the song was made and could not be saved: %s\n",
                 out.saved ? out.saved->error().detail.c_str() : "no answer");
    return exit_failed;
  }
  std::fprintf(options.json ? stderr : stdout, "saved to %s\n", out.path.c_str());
  return exit_done;
}

int ask(const std::string& server, const secret& key, const std::string& trust_file, const generate_options& options) {
  const auto base = net::parse_url(server);
  auto tls = net::tls_context::client(trust_file);
  if (base.has_error() || tls.has_error()) {
    std::fprintf(stderr, "openclaw-music: %s\n",
                 base.has_error() ? "--server must be an http:// or https:// URL" : "SSL_CERT_FILE cannot be read");
    return exit_usage;
  }
  asio::io_context context{1};
  blocking_pool lookups{1};
  const auto clock = create_system_clock(context.get_executor());
  const auto names = net::create_resolver(context.get_executor(), *clock, lookups);
  const auto http = net::create_http_client(context.get_executor(), *clock, *names, *tls);
  song_client client{*base, key, *http, *clock};
  outcome out;
  asio::co_spawn(context, run_client(client, *clock, options, out), [&context](std::exception_ptr) { context.stop(); });
  context.run();
  return report(options, out);
}

}  // namespace

int run_generate(const generate_options& options, config settings, termination_signals&) {
  termination_signals::end_at_next();  // the job rests at its last checkpoint; the next start goes on with it
  const auto trust_file = settings.trust_file;
  if (!options.server.empty()) {
    const secret none;
    return ask(options.server, settings.api_keys.empty() ? none : settings.api_keys.front().value, trust_file, options);
  }
  log::start({log::level::warning, settings.log_format, {}});
  auto started = start_app(private_service(std::move(settings)));
  if (const auto* problem = std::get_if<start_error>(&started)) {
    std::fprintf(stderr, "openclaw-music: %s (a service that is running already can be asked with --server URL)\n",
                 problem->message.c_str());
    log::stop();
    return exit_usage;
  }
  auto& service = *std::get<std::unique_ptr<app>>(started);
  const secret none;
  const int code = ask(service.listening_at(), none, trust_file, options);
  return end_service(service, code);
}

}  // namespace music::service
