#pragma once

/// One music service over HTTP: where it is, how it knows us, and how its exchanges are logged.

#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/account.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::upstream {

/// A request below a service's base URL.
struct wire_request {
  net::http_method method = net::http_method::get;
  std::string path;  ///< begins with '/', already percent-encoded
  std::string body;  ///< JSON unless `headers` say what it is; or empty
  std::vector<net::http_header> headers{};  ///< beside Accept, Content-Type and the key
};

struct service_options {
  std::string skill = "suno_music_generator";  ///< whose log lines these are
  std::string api_name;                        ///< how the log calls the service
  net::url base;
  secret key;                                  ///< empty: none is sent, as self-hosted services want it
  std::string key_header = "Authorization";
  std::string key_prefix = "Bearer ";
  std::vector<std::string> key_hosts{};        ///< public hosts, and those below them, whose audio needs the key too
  std::chrono::seconds timeout{60};  ///< for one API call, inside the caller's deadline, and for the next bytes of a download
  std::chrono::seconds least_time{60};  ///< where the answer is the song: with less time left none is begun
  std::size_t largest_answer = 1024 * 1024;  ///< bytes
};

/// Options with the account's base, key (which it gives away) and timeout.
[[nodiscard]] service_options reach(account& from);

/// Every call sends one request and follows no redirect. The key goes to the base's origin and to `key_hosts` only: audio
/// elsewhere is fetched without it, over https from public addresses. Client and clock must outlive it. One for each
/// shard; not thread-safe. Cancelling closes the connection; a submission that was cancelled may have been accepted.
class service {
 public:
  service(service_options options, net::http_client& client, clock& clock)
      : options_(std::move(options)), client_(client), clock_(clock) {}

  [[nodiscard]] task<net::exchange_result> exchange(wire_request wire, time_point deadline);

  /// What `music_provider::fetch` promises, for a `source` that is somebody else's word: the base's own origin is as trusted
  /// as the base, and what begins with '/' lies below it; every other one must be public https. A connection that breaks is
  /// taken up where it broke.
  [[nodiscard]] task<result<audio_format>> fetch(std::string source, audio_writer& into, time_point deadline);

  /// Whether `fetch` would follow the link.
  [[nodiscard]] bool may_follow(const std::string& link) const;

  /// One log line about an exchange that `exchange` made.
  void report(std::string_view operation, const net::exchange_result& answer, std::optional<errc> failure,
              time_point started) const;

  /// As above, for a submission.
  void report(std::string_view operation, const net::exchange_result& answer, const submission& outcome,
              time_point started) const;

  [[nodiscard]] const net::url& base() const noexcept { return options_.base; }

 private:
  void authorise(net::http_request& call) const;
  [[nodiscard]] result<net::http_request> locate(const std::string& source) const;
  [[nodiscard]] bool takes_key(const std::string& host) const;

  service_options options_;
  net::http_client& client_;
  clock& clock_;
};

}  // namespace music::upstream
