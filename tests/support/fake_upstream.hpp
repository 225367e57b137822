#pragma once

/// An upstream that a test scripts: HTTP or HTTPS on a free loopback port, with faults and a ledger.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_ctx_st;

namespace music::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// A request as it arrived.
struct upstream_request {
  std::string method{};
  std::string target{};
  header_list headers{};
  std::string body{};
  std::size_t number = 0;      ///< 0 for the first request of this upstream
  std::size_t connection = 0;  ///< 0 for the first connection accepted
  std::chrono::steady_clock::time_point received{};

  /// The first header of that name, without case; nothing if there is none.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// What goes wrong with an answer. "At the cut" means after `upstream_reply::cut_after` bytes of the rendered answer.
enum class fault : std::uint8_t {
  none,
  close,  ///< an orderly end at the cut
  reset,  ///< a TCP reset at the cut
  hang,   ///< silence from the cut on, until the client goes
  drip,   ///< one byte every `drip_interval` from the cut on
};

struct upstream_reply {
  int status = 200;
  header_list headers{{"Content-Type", "application/json"}};
  std::string body{};
  bool chunked = false;                       ///< in chunks of 7 bytes instead of with a Content-Length
  bool keep_alive = true;                     ///< false: says `Connection: close` and closes
  std::string raw{};                          ///< not empty: these bytes instead of a rendered answer
  std::chrono::milliseconds delay{0};         ///< before the first byte
  test::fault fault = fault::none;
  std::size_t cut_after = 0;
  std::chrono::milliseconds drip_interval{5};

  /// A 200 with this JSON.
  [[nodiscard]] static upstream_reply json(std::string text) { return {.body = std::move(text)}; }
  [[nodiscard]] static upstream_reply with_status(int code, std::string text = "{}") {
    return {.status = code, .body = std::move(text)};
  }
  /// Bytes as they stand, then the connection closes.
  [[nodiscard]] static upstream_reply bytes(std::string text) { return {.keep_alive = false, .raw = std::move(text)}; }
  [[nodiscard]] static upstream_reply failing(test::fault how, std::size_t after = 0) {
    return {.fault = how, .cut_after = after};
  }
};

/// Called on the upstream's own thread, one request at a time.
using upstream_handler = std::function<upstream_reply(const upstream_request&)>;

struct upstream_options {
  std::string certificate_file{};  ///< both set: HTTPS with these; see test_pki
  std::string key_file{};
  std::string host = "127.0.0.1";  ///< what `base_url` says; use "localhost" for a certificate made for it
  std::string ledger_file{};       ///< set: every request is appended as one JSON line and fsynced before it is answered
  std::function<void(ssl_ctx_st*)> adjust_tls{};  ///< for tests of TLS itself
};

/// Accepts until it is destroyed, which ends every connection. All functions are thread-safe.
class fake_upstream {
 public:
  explicit fake_upstream(upstream_handler handler, upstream_options options = {});
  ~fake_upstream();
  fake_upstream(const fake_upstream&) = delete;
  fake_upstream& operator=(const fake_upstream&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:40123", no slash at the end.
  [[nodiscard]] std::string base_url() const;

  /// Replaces the script for the requests that come from now on.
  void script(upstream_handler handler);

  /// The ledger: what arrived so far, in order.
  [[nodiscard]] std::vector<upstream_request> requests() const;
  /// How many requests had that method and a target that begins so.
  [[nodiscard]] std::size_t count(std::string_view method, std::string_view target_prefix) const;
  [[nodiscard]] std::size_t connections_accepted() const;
  [[nodiscard]] std::size_t handshakes_failed() const;
  [[nodiscard]] std::size_t sessions_resumed() const;

  /// Blocks until so many requests have arrived, at most ten seconds. False if they did not.
  [[nodiscard]] bool wait_for_requests(std::size_t how_many) const;

  /// Blocks until every connection has ended, at most ten seconds. False if one is still open.
  [[nodiscard]] bool wait_until_left() const;

  /// Ends every open connection now, in order, as a server does that is tired of idle clients. Returns once done.
  void close_connections();

 private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace music::test
