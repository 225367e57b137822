#pragma once

/// The transport seam: bytes to and from a peer, over TCP or TLS.
///
/// Everything above it (the HTTP session of `lib/http`, the exchange of `http_client`) speaks to this interface and drives
/// Beast's parsers by hand. Asio's operations are instantiated once, in `src/socket_ops.cpp`, on concrete executor types;
/// a test replaces the whole thing by a scripted class without sockets.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace music::net {

class tls_context;

using boost::system::error_code;

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

/// What one read gave. `bytes` is 0 whenever `ec` is set.
struct io_result {
  error_code ec{};
  std::size_t bytes = 0;
};

/// One connection to one peer.
///
/// Owner: exactly one session or exchange; must outlive its pending operations. Belongs to one shard; not thread-safe.
/// At most one read-side operation (`read_some`, `wait_readable`) and one write-side operation at a time.
///
/// Errors: `asio::error::eof` when the peer ended its side in order (FIN, or close_notify with TLS);
/// `connection_reset` when it vanished, which over TLS includes a FIN without close_notify; `timed_out` once expired;
/// `operation_aborted` after `close`.
///
/// Cancel: every coroutine here reacts to terminal cancellation at once by unwinding with an exception. A write that was cut off leaves the stream in an
/// unknown state: the only thing left to do is `close`.
///
/// Deadlines: the transport has no timer. Its owner sets a point in time, and whoever owns many transports calls `expire`
/// on each of them about once a second; one coarse sweep in a shard is cheaper than a timer for each operation. The HTTP
/// client does not use this: it runs whole exchanges under `run_guarded`.
class transport {
 public:
  transport() = default;
  virtual ~transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Reads at least one byte, at most `into.size()`, which must not be 0. Over plain TCP this costs epoll_wait, two recv (Asio
  /// 1.81 always tries one first, in vain on an idle connection) and a send for each request; it holds the buffer meanwhile.
  [[nodiscard]] virtual task<io_result> read_some(asio::mutable_buffer into) = 0;

  /// Writes all of `from`, whose bytes must live until it completes.
  [[nodiscard]] virtual task<error_code> write(asio::const_buffer from) = 0;

  /// Completes when `try_read` has something to say: bytes, end or error. Holds no buffer, so that idle connections cost
  /// little memory; costs one epoll_ctl more than `read_some`. With TLS it may wake for a record that carries no data;
  /// `try_read` then says `would_block` and the caller waits again.
  [[nodiscard]] virtual task<error_code> wait_readable() = 0;

  /// Reads what is there without waiting. `ec` is `would_block` when nothing is.
  [[nodiscard]] virtual std::size_t try_read(asio::mutable_buffer into, error_code& ec) noexcept = 0;

  /// Writes what fits without waiting, perhaps less than all; `would_block` when nothing fits. Over TLS a call after
  /// `would_block` must begin with the same bytes.
  [[nodiscard]] virtual std::size_t try_write(asio::const_buffer from, error_code& ec) noexcept = 0;

  /// The server's half of a TLS handshake; success at once over plain TCP. Bound by the deadline that is set.
  [[nodiscard]] virtual task<error_code> handshake_server() = 0;

  /// Whether nothing waits to be read and the peer has not gone: what a pool asks before it uses an idle connection again.
  /// Over TLS it digests session tickets; application data that nobody asked for makes it false.
  [[nodiscard]] virtual bool quiet() noexcept = 0;

  /// Ends the sending side: close_notify (best effort, never waits) and FIN. Reading goes on.
  virtual void shutdown_send() noexcept = 0;

  /// Closes at once; pending operations complete with `operation_aborted`. Idempotent.
  virtual void close() noexcept = 0;

  [[nodiscard]] virtual bool is_open() const noexcept = 0;

  /// The peer as "address:port" or "[address]:port", for logs. Taken when the connection was made.
  [[nodiscard]] virtual const std::string& peer() const noexcept = 0;

  /// From `until` on, `expire` ends the connection's operations; `time_point::max()` (as at first) means never. A later
  /// call replaces an earlier one, but does not revive an expired transport.
  void set_deadline(time_point until) noexcept { deadline_ = until; }
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  /// The sweep's call. If the deadline is not after `now`: pending operations, and all that begin later, complete with
  /// `timed_out`, `try_` calls included. True if it has expired, now or earlier. Does not close, so that an owner may
  /// still say goodbye with `shutdown_send`.
  bool expire(time_point now) noexcept {
    if (!expired_ && deadline_ <= now) {
      expired_ = true;
      cancel();
    }
    return expired_;
  }
  [[nodiscard]] bool expired() const noexcept { return expired_; }

 protected:
  /// Makes pending operations complete soon; called by `expire`.
  virtual void cancel() noexcept = 0;

 private:
  time_point deadline_ = time_point::max();
  bool expired_ = false;
};

/// Takes over a connected socket; switches it to non-blocking and TCP_NODELAY.
[[nodiscard]] std::unique_ptr<transport> make_plain(tcp_socket socket);

/// The server's side of TLS on an accepted socket; `handshake_server` comes first. The context must be a server's and
/// needs to live only for this call.
[[nodiscard]] std::unique_ptr<transport> make_tls_server(tcp_socket socket, const tls_context& context);

}  // namespace music::net
