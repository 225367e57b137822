#include "worker.hpp"

#include <music/net/tls.hpp>

namespace music::http {

worker::worker(const http_ports& ports, const server_settings& settings)
    : ports_(ports),
      settings_(settings),
      api_(ports, settings.base_url, settings.options.role, settings.options.limits.longest_wait, settings.counted),
      ids_(ports.random),
      environment_{.ex = ports.ex,
                   .clock = ports.clock,
                   .limits = settings.options.limits,
                   .keys = settings.keys,
                   .base_url = settings.base_url,
                   .api = api_,
                   .ids = ids_,
                   .blocks = blocks_,
                   .sessions = sessions_,
                   .counters = *counters_,
                   .date = to_http_date(ports.clock.wall_now())},
      serving_(ports.ex, "http"),
      housekeeping_(ports.ex, "http") {}

void worker::adopt(net::tcp_socket socket) {
  const auto* const tls = settings_.options.tls;
  adopt(tls != nullptr ? net::make_tls_server(std::move(socket), *tls) : net::make_plain(std::move(socket)));
}

void worker::adopt(std::unique_ptr<net::transport> connection) {
  if (environment_.draining) return;
  if (serving_.size() >= settings_.connections_per_shard && !close_one_idle()) return turn_away(*connection);
  serving_.spawn(serve(std::move(connection), environment_));
}

bool worker::close_one_idle() {
  for (auto& one : sessions_) {
    if (!one.idle()) continue;
    one.close();
    return true;
  }
  return false;
}

/// Over TLS there is no handshake yet, so the client only sees the end.
void worker::turn_away(net::transport& connection) {
  if (settings_.options.tls != nullptr) return;
  request_ids::text id;
  ids_.next(id);
  const std::string_view name{id.data(), id.size()};
  const auto answer = problem_response(problem::busy, ports_.clock.wall_now(), name);
  std::string out;
  append_answer(out, answer, {.date = environment_.date, .request_id = name, .keep_alive = false});
  net::error_code ignored;
  static_cast<void>(connection.try_write(asio::buffer(out), ignored));
}

task<void> worker::sweep_for_ever() {
  constexpr std::chrono::seconds period{1};
  for (;;) {
    auto sleeping = sleep_until(ports_.clock, ports_.clock.now() + period);
    co_await std::move(sleeping);
    sweep();
  }
}

void worker::sweep() {
  const auto now = ports_.clock.now();
  environment_.date = to_http_date(ports_.clock.wall_now());
  for (auto& one : sessions_) {
    if (one.deadline() <= now) one.overdue(now);
  }
  api_.sweep();
}

void worker::begin_drain() {
  environment_.draining = true;
  for (auto& one : sessions_) {
    if (one.idle()) {
      one.close();
    } else {
      one.hurry();
    }
  }
}

task<void> worker::drain(time_point until) {
  constexpr std::chrono::seconds unwinding_time{1};
  auto finishing = serving_.drain(ports_.clock, until);
  const bool finished = co_await std::move(finishing);
  if (!finished) {
    serving_.cancel();
    auto unwinding = serving_.drain(ports_.clock, ports_.clock.now() + unwinding_time);
    co_await std::move(unwinding);
  }
  housekeeping_.cancel();
  auto ending = housekeeping_.drain(ports_.clock, ports_.clock.now() + unwinding_time);
  co_await std::move(ending);
}

}  // namespace music::http
