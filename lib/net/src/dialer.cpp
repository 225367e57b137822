#include "dialer.hpp"

#include <music/async/deadline.hpp>
#include <music/net/egress.hpp>

#include "socket_ops.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <optional>

namespace music::net {
namespace {

using endpoint = asio::ip::tcp::endpoint;

error connect_error(const char* step, const error_code& ec) {
  return error{errc::request_error, std::string(step) + ": " + ec.message()};
}

bool reached(const tcp_socket& socket, const endpoint& wanted) {
  error_code ec;
  return socket.remote_endpoint(ec) == wanted && !ec;
}

/// One address. The result is written to `into`, so that a deadline can cut the whole of it short.
task<void> try_address(dialer from, dial_target target, endpoint to, std::optional<dial_result>& into) {
  tcp_socket socket(from.ex);
  const auto ec = co_await connect(socket, to);
  if (ec) {
    into.emplace(connect_error("connecting", ec));
    co_return;
  }
  if (!reached(socket, to)) {
    into.emplace(error{errc::forbidden, "the peer is not the address that was checked"});
    co_return;
  }
  if (target.to.scheme == scheme::http) {
    into.emplace(make_plain(std::move(socket)));
    co_return;
  }
  prepare(socket);
  auto secured = co_await connect_tls(std::move(socket), from.tls, target.to.host, target.session);
  if (secured.ec) {
    into.emplace(connect_error("TLS", secured.ec));
    co_return;
  }
  into.emplace(std::move(secured.connection));
}

time_point share_of(time_point now, time_point deadline, std::size_t parts) {
  return now + (deadline - now) / static_cast<std::int64_t>(parts);
}

bool is_own(const dialer& from, const endpoint& to) {
  return from.own_endpoints && std::ranges::find(*from.own_endpoints, to) != from.own_endpoints->end();
}

}  // namespace

task<result<address_list>> checked_addresses(dialer from, dial_target target, time_point deadline) {
  auto resolved = co_await from.names.resolve(target.to.host, deadline);
  if (!resolved || target.policy == address_policy::any) co_return resolved;
  for (const auto& address : *resolved) {
    if (!is_public_address(address)) co_return error{errc::forbidden, "an address that is not public"};
    if (is_own(from, endpoint(address, target.to.port))) co_return error{errc::forbidden, "the service's own address"};
  }
  co_return resolved;
}

task<dial_result> dial(dialer from, dial_target target, time_point deadline) {
  auto checked = co_await checked_addresses(from, target, deadline);
  if (!checked) co_return checked.error();
  const auto addresses = std::move(*checked);
  error last{errc::request_error, "the host has no address"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const endpoint to(addresses[i], target.to.port);
    std::optional<dial_result> outcome;
    auto attempt = try_address(from, target, to, outcome);
    const auto until = share_of(from.time.now(), deadline, addresses.size() - i);
    co_await run_guarded(from.time, until, nullptr, std::move(attempt));
    if (outcome && *outcome) co_return std::move(*outcome);
    last = outcome ? outcome->error() : error{errc::timeout, "connecting took too long"};
  }
  co_return last;
}

}  // namespace music::net
