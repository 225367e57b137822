#include <music/net/resolver.hpp>

#include <music/async/deadline.hpp>
#include <music/async/event.hpp>

#include <boost/asio/co_spawn.hpp>

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>

namespace music::net {
namespace {

/// One question to the system. Those who wait for it take its answer from here, whatever becomes of the cache.
struct inquiry {
  explicit inquiry(executor ex) : ended(ex) {}
  event ended;
  result<address_list> answer = error{errc::request_error, "the look-up did not run"};
};

/// One name: the last good answer and the look-up under way, if any.
struct entry {
  address_list addresses{};
  time_point looked_up{};
  std::shared_ptr<inquiry> running{};
};

/// What a look-up that nobody may be waiting for any more still needs when its answer comes.
struct cache {
  clock& time;
  blocking_pool& pool;
  resolver_options options;
  lookup_function lookup;
  std::map<std::string, entry, std::less<>> names{};

  /// Makes room for one more name: the oldest answer that nobody is refreshing goes.
  void trim() {
    if (names.size() < options.max_names) return;
    auto oldest = names.end();
    for (auto it = names.begin(); it != names.end(); ++it) {
      const bool older = oldest == names.end() || it->second.looked_up < oldest->second.looked_up;
      if (!it->second.running && older) oldest = it;
    }
    if (oldest != names.end()) names.erase(oldest);
  }

  void settle(const std::string& host, result<address_list> answer) {
    auto& known = names[host];
    if (answer) {
      if (answer->size() > options.max_addresses) answer->resize(options.max_addresses);
      known.addresses = *answer;
      known.looked_up = time.now();
    }
    const auto running = std::exchange(known.running, nullptr);
    if (!running) return;
    running->answer = std::move(answer);
    running->ended.set();
  }
};

task<void> refresh(std::shared_ptr<cache> shared, std::string host) {
  auto lookup = [function = shared->lookup, host] { return function(host); };
  auto looking = shared->pool.run(std::move(lookup));
  auto answer = co_await std::move(looking);
  shared->settle(host, std::move(answer));
}

class caching_resolver final : public resolver {
 public:
  caching_resolver(executor ex, clock& time, blocking_pool& pool, resolver_options options, lookup_function lookup)
      : executor_(ex), cache_(std::make_shared<cache>(cache{time, pool, options, std::move(lookup)})) {}

  task<result<address_list>> resolve(std::string host, time_point deadline) override {
    error_code ec;
    const auto literal = asio::ip::make_address(host, ec);
    if (!ec) co_return address_list{literal};
    if (const auto* known = usable(host, cache_->options.fresh_for)) co_return *known;
    const auto running = start(host);
    auto waiting = wait(running);
    const auto outcome = co_await run_guarded(cache_->time, deadline, nullptr, std::move(waiting));
    if (outcome == guard_outcome::finished && running->answer) co_return running->answer;
    if (const auto* known = usable(host, cache_->options.stale_for)) co_return *known;
    if (outcome != guard_outcome::finished) co_return error{errc::timeout, "looking up the host took too long"};
    co_return running->answer;
  }

 private:
  using error_code = boost::system::error_code;

  [[nodiscard]] const address_list* usable(const std::string& host, std::chrono::seconds for_how_long) const {
    const auto found = cache_->names.find(host);
    if (found == cache_->names.end() || found->second.addresses.empty()) return nullptr;
    return cache_->time.now() < found->second.looked_up + for_how_long ? &found->second.addresses : nullptr;
  }

  /// Joins the look-up of this name, or begins one. It outlives its waiters, so that one impatient caller does not cost
  /// the others their answer.
  std::shared_ptr<inquiry> start(const std::string& host) {
    if (!cache_->names.contains(host)) cache_->trim();
    auto& known = cache_->names[host];
    if (known.running) return known.running;
    known.running = std::make_shared<inquiry>(executor_);
    auto running = known.running;
    asio::co_spawn(executor_, refresh(cache_, host), [shared = cache_, host](std::exception_ptr thrown) {
      if (thrown) shared->settle(host, error{errc::request_error, "the look-up did not run"});
    });
    return running;
  }

  static task<void> wait(std::shared_ptr<inquiry> running) { co_await running->ended.wait(use_task); }

  executor executor_;
  std::shared_ptr<cache> cache_;
};

asio::ip::address to_address(const sockaddr& from) {
  if (from.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  asio::ip::address_v6::bytes_type bytes{};
  std::copy_n(static_cast<const std::uint8_t*>(v6.sin6_addr.s6_addr), bytes.size(), bytes.begin());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

}  // namespace

result<address_list> lookup_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  if (failed != 0) return error{errc::request_error, std::string("look-up failed: ") + ::gai_strerror(failed)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> answers(raw, ::freeaddrinfo);
  address_list found;
  for (const auto* answer = raw; answer != nullptr; answer = answer->ai_next) {
    const bool internet = answer->ai_family == AF_INET || answer->ai_family == AF_INET6;
    if (!internet) continue;
    auto address = to_address(*answer->ai_addr);
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  }
  if (found.empty()) return error{errc::request_error, "the host has no address"};
  return found;
}

result<address_list> lookup_outside_name(const std::string& host) {
  constexpr int seconds_for_each_try = 2;
  // Each time: once changed, this thread's settings are not read from the system's file again by themselves.
  if (::res_init() != 0) return error{errc::request_error, "the system's resolver cannot be set up"};
  _res.retrans = seconds_for_each_try;
  _res.retry = 1;
  _res.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  return lookup_by_system(host);
}

address_list local_addresses() {
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> interfaces(raw, ::freeifaddrs);
  address_list found;
  for (const auto* each = raw; each != nullptr; each = each->ifa_next) {
    const bool internet =
        each->ifa_addr != nullptr && (each->ifa_addr->sa_family == AF_INET || each->ifa_addr->sa_family == AF_INET6);
    if (internet) found.push_back(to_address(*each->ifa_addr));
  }
  return found;
}

std::unique_ptr<resolver> create_resolver(executor ex, clock& clock, blocking_pool& pool, resolver_options options,
                                          lookup_function lookup) {
  return std::make_unique<caching_resolver>(ex, clock, pool, options, std::move(lookup));
}

}  // namespace music::net
