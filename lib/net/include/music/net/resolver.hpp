#pragma once

/// Host names to addresses, as a port.

#include <music/async/blocking_pool.hpp>
#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace music::net {

using address_list = std::vector<asio::ip::address>;

/// Looks names up. One for each shard; not thread-safe.
class resolver {
 public:
  virtual ~resolver() = default;

  /// At least one address, in the order in which they should be tried. An address in text form is answered at once.
  /// Errors: `request_error` when the name has no address or cannot be looked up, `timeout` when it took until `deadline`.
  /// Cancelling the await does not stop the look-up: its answer is kept for others.
  [[nodiscard]] virtual task<result<address_list>> resolve(std::string host, time_point deadline) = 0;
};

struct resolver_options {
  std::chrono::seconds fresh_for{30};   ///< an answer is used this long without asking again; 0: every call asks
  std::chrono::seconds stale_for{3600}; ///< and this long if asking again fails; 0: never
  std::size_t max_names = 1024;         ///< names in the cache, the oldest go first
  std::size_t max_addresses = 16;       ///< further answers of one name are ignored
};

/// The blocking look-up that a resolver runs off the loop; replaced in tests. Called on a thread of the pool.
using lookup_function = std::function<result<address_list>(const std::string& host)>;

/// getaddrinfo(3), TCP, both families.
[[nodiscard]] result<address_list> lookup_by_system(const std::string& host);

/// The same for names that came from outside: DNS's own view of exactly this name (no search domains), and a name server that
/// does not answer costs the thread two seconds instead of ten. Linux's resolver state belongs to the thread, so the pool
/// should run nothing else.
[[nodiscard]] result<address_list> lookup_outside_name(const std::string& host);

/// The addresses of this machine's interfaces, as they are now; empty if the system does not say.
[[nodiscard]] address_list local_addresses();

/// A caching resolver: one look-up for each name at a time however many wait (each under its own deadline). `pool` should
/// be the resolver's own: getaddrinfo cannot be cancelled and may take half a minute. Clock and pool must outlive it.
[[nodiscard]] std::unique_ptr<resolver> create_resolver(executor ex, clock& clock, blocking_pool& pool,
                                                        resolver_options options = {}, lookup_function lookup = lookup_by_system);

}  // namespace music::net
