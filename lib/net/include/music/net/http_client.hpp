#pragma once

/// HTTP/1.1 to upstreams: one request, one answer, over pooled connections.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/net/resolver.hpp>
#include <music/net/tls.hpp>
#include <music/net/url.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::net {

enum class http_method : std::uint8_t { get, head, post, put, del };

struct http_header {
  std::string name;
  std::string value;
};

/// Which addresses a request may be sent to.
enum class address_policy : std::uint8_t {
  any,          ///< configured base URLs
  public_only,  ///< URLs from outside: every resolved address must be public, else the request is refused
};

/// A request. Host, Content-Length, Connection, Accept-Encoding and User-Agent are the client's to write and refused here.
/// Header names must be RFC 9110 tokens and values free of controls: checked when sent, because nothing below does
/// (errc::invalid_argument, nothing sent).
struct http_request {
  http_method method = http_method::get;
  url address{};
  std::vector<http_header> headers{};
  std::string body{};
  bool idempotent = false;  ///< may be sent twice: a GET or HEAD always is; set it for others that carry an idempotency key
  address_policy policy = address_policy::any;
  /// Nothing but status and headers of the answer is wanted. Its body is dropped and not waited for, so that it can neither
  /// be long nor slow; HTTP/1.0 and a body that ends with the connection are accepted. Not for `download`.
  bool status_only = false;
};

/// An answer with a status from 200 to 599; redirects are answers, never followed. `headers` come from before the body:
/// trailers are dropped.
struct http_response {
  int status = 0;
  std::vector<http_header> headers{};
  std::string body{};

  /// The first header of that name, without case; nothing if there is none.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// How many headers have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// Whether the upstream may have seen the request.
enum class sent : std::uint8_t {
  nothing,  ///< no byte of the request left: resolving, connecting or the handshake failed, or no connection came free
  maybe,    ///< some bytes may have arrived and may have been acted upon
};

/// Codes: `timeout` (the deadline came), `request_error` (connection refused, lost, or cut off mid-answer),
/// `invalid_response` (an answer outside HTTP or outside its limits), `forbidden` (the address policy), `invalid_argument`
/// (the request itself), or what the body sink said.
struct exchange_failure {
  error why{};
  sent request = sent::nothing;
};

[[noreturn]] void throw_exception_from_error(const exchange_failure& failure, const boost::source_location& where);

using exchange_result = boost::system::result<http_response, exchange_failure>;

struct exchange_limits {
  std::size_t max_header_bytes = 16 * 1024;      ///< all header bytes of the answer, interim answers included
  std::size_t max_body_bytes = 1024 * 1024;      ///< after chunked decoding; of an answer that is not 2xx 1 MiB at most
  std::chrono::milliseconds connect_timeout{10'000};  ///< resolving, TCP and TLS together, inside the deadline
  std::chrono::milliseconds longest_silence{60'000};  ///< of a download: how long its next bytes may take; then `timeout`
};

/// Where a downloaded body goes, piece by piece.
class body_sink {
 public:
  virtual ~body_sink() = default;

  /// Called once before the first byte with status and headers (no body). An error ends the download with that error.
  [[nodiscard]] virtual task<result<void>> begin(http_response head) = 0;

  /// At most 64 KiB at a time; the next piece is not read before this returns. An error ends the download.
  [[nodiscard]] virtual task<result<void>> write(std::string piece) = 0;
};

/// Sends requests over keep-alive connections. One for each shard; not thread-safe. Must outlive its calls.
///
/// Cancel: every call reacts at once; its connection is closed. A call that was cancelled or ran into its deadline after
/// the first byte counts as `sent::maybe`, and cancelling throws as every await does.
class http_client {
 public:
  virtual ~http_client() = default;

  /// One exchange; the whole body in `http_response::body`. `deadline` bounds everything: waiting for a connection,
  /// resolving, connecting, sending, the last byte. A GET (or idempotent) request is sent a second time, once, if a reused
  /// connection died before the first byte of its answer; nothing else is ever sent twice.
  [[nodiscard]] virtual task<exchange_result> send(http_request request, exchange_limits limits, time_point deadline) = 0;

  /// As `send`, but the body of a 2xx answer goes to `sink` and `body` stays empty; other bodies are kept, up to 64 KiB.
  /// `sink` must outlive the call.
  [[nodiscard]] virtual task<exchange_result> download(http_request request, body_sink& sink, exchange_limits limits,
                                                       time_point deadline) = 0;

  /// Closes idle connections that are too old. The shard calls it about once a second.
  virtual void sweep() = 0;

  /// Closes every idle connection, e.g. when draining.
  virtual void close_idle() = 0;

  [[nodiscard]] virtual std::uint64_t connections_opened() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t requests_sent() const noexcept = 0;  ///< requests of which a byte was sent, replays too
  [[nodiscard]] virtual std::uint64_t reused() const noexcept = 0;         ///< requests sent on a connection used before
};

struct http_client_options {
  std::string user_agent = "openclaw-music";
  /// 10,000 jobs polled every 2 s through an upstream that takes 200 ms keep 1,000 connections busy (30 KiB each, only while used).
  std::size_t max_connections_per_origin = 1024;
  std::size_t max_idle_per_origin = 1024;
  std::size_t max_connecting = 16;  ///< handshakes at once, all origins: a full one costs 0.45 ms of CPU
  std::chrono::seconds max_idle{15};
  std::chrono::seconds max_age{300};  ///< so that DNS changes are followed
  std::chrono::milliseconds fresh_for_post{2'000};  ///< a request that must not be replayed reuses only younger idle ones
  /// Where `address_policy::public_only` never connects to although it may be public: the service's own listener.
  std::vector<asio::ip::tcp::endpoint> own_endpoints{};
};

/// Resolver, clock and context must outlive the client; `tls` must be a client's.
[[nodiscard]] std::unique_ptr<http_client> create_http_client(executor ex, clock& clock, resolver& resolver,
                                                              const tls_context& tls, http_client_options options = {});

}  // namespace music::net
