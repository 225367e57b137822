#include "postgres_client.hpp"
#include "postgres_schema.hpp"
#include "postgres_stores.hpp"

#include <music/base/ids.hpp>
#include <music/base/redact.hpp>
#include <music/store/postgres_store.hpp>

#include <boost/asio/co_spawn.hpp>

#include <future>

namespace music {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_patience = 10s;
constexpr auto migration_patience = 120s;
constexpr auto start_pause = 200ms;

struct freer {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using connection_options = std::unique_ptr<PQconninfoOption, freer>;

/// What libpq reads in a URL; null if it cannot. Its own message would quote the URL.
connection_options parse(std::string_view url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return nullptr;
  char* message = nullptr;
  connection_options parsed{PQconninfoParse(std::string{url}.c_str(), &message)};
  PQfreemem(message);
  return parsed;
}

void register_passwords(const PQconninfoOption* options) {
  for (; options->keyword != nullptr; ++options) {
    const std::string_view keyword = options->keyword;
    const bool password = keyword == "password" || keyword == "sslpassword";
    if (password && options->val != nullptr) register_secret(options->val);
  }
}

/// One try. A server that is still starting refuses, which is transient.
task<result<void>> prepare_once(executor ex, clock& clock, std::string url) {
  auto opened = co_await postgres::connection::open(ex, clock, std::move(url), clock.now() + connect_patience);
  if (!opened) co_return opened.error();
  co_return co_await postgres::migrate(**opened, clock.now() + migration_patience);
}

task<result<void>> prepare(executor ex, clock& clock, std::string url, std::chrono::milliseconds patience) {
  const auto until = clock.now() + patience;
  for (;;) {
    auto done = co_await prepare_once(ex, clock, url);
    if (done || !done.error().transient || clock.now() >= until) co_return done;
    co_await clock.sleep_until(clock.now() + start_pause, use_task);
  }
}

/// Runs on a loop of its own, before there is anything else.
result<void> prepare_blocking(std::string url, std::chrono::milliseconds patience) {
  shard loop{0};
  std::promise<result<void>> promise;
  auto outcome = promise.get_future();
  asio::co_spawn(loop.get_executor(), prepare(loop.get_executor(), loop.clock(), std::move(url), patience),
                 [&promise](std::exception_ptr thrown, result<void> done) {
                   if (thrown) promise.set_exception(thrown);
                   else promise.set_value(std::move(done));
                 });
  loop.start();
  return outcome.get();
}

}  // namespace

result<void> check_postgres_url(std::string_view url) {
  if (parse(url)) return {};
  return error{errc::invalid_argument, "not a PostgreSQL URL"};
}

result<postgres_stores> open_postgres_stores(postgres_options options) {
  const auto parsed = parse(options.url.reveal());
  if (!parsed) return error{errc::invalid_argument, "not a PostgreSQL URL"};
  register_passwords(parsed.get());
  const std::string url{options.url.reveal()};
  auto ready = prepare_blocking(url, options.start_patience);
  if (!ready) return ready.error();

  const auto holder = make_request_id(system_random());
  auto database =
      std::make_shared<postgres::client>(postgres::client_options{{url, options.connections, postgres::greeting(holder)}});
  database->repeat(postgres::upkeep());
  postgres_stores stores;
  stores.jobs = postgres::make_job_store(database, holder);
  stores.audio = postgres::make_audio_store(std::move(database), holder);
  return stores;
}

}  // namespace music
