#pragma once

/// Opening a connection to an origin: resolve, check the addresses, connect, TLS.

#include <music/net/http_client.hpp>
#include <music/net/transport.hpp>

#include "tls_transport.hpp"

#include <memory>
#include <vector>

namespace music::net {

/// What a dialer works with; everything outlives it.
struct dialer {
  executor ex;
  clock& time;
  resolver& names;
  const tls_context& tls;
  std::shared_ptr<const std::vector<asio::ip::tcp::endpoint>> own_endpoints{};  ///< may be null: none
};

/// Where to, under which rules. `session` may be null: no resumption.
struct dial_target {
  origin to{};
  address_policy policy = address_policy::any;
  std::shared_ptr<tls_session_slot> session{};
};

/// The addresses that may be connected to, in the order to try them, from one look-up. Under `public_only` one answer that
/// is not public, or is the service itself, refuses them all. Errors: those of the resolver, and `forbidden`.
[[nodiscard]] task<result<address_list>> checked_addresses(dialer from, dial_target target, time_point deadline);

using dial_result = result<std::unique_ptr<transport>>;

/// Tries the resolved addresses in turn, each with a fair share of the time that is left until `deadline`. Under
/// `public_only` every address must be public, and the peer of the finished connection must be the one that was checked.
/// Errors: `timeout`, `request_error`, `forbidden`. Cancel: closes what it has opened.
[[nodiscard]] task<dial_result> dial(dialer from, dial_target target, time_point deadline);

}  // namespace music::net
