#include "socket_ops.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace music::net {
namespace {

constexpr auto as_result = asio::as_tuple(use_task);

error_code last_error() noexcept {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return asio::error::would_block;
  return {errno, boost::system::system_category()};
}

/// An operation that was cancelled unwinds its coroutine, whatever that would have done with an error: a deadline must not
/// be mistaken for a lost connection. One that finished all the same keeps its result.
task<void> unwind_if_cancelled(error_code ec) {
  if (ec != asio::error::operation_aborted) co_return;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(ec);
}

}  // namespace

task<error_code> wait_ready(tcp_socket& socket, direction towards) {
  const auto what = towards == direction::read ? tcp_socket::wait_read : tcp_socket::wait_write;
  const auto [ec] = co_await socket.async_wait(what, as_result);
  if (ec) co_await unwind_if_cancelled(ec);
  co_return ec;
}

task<io_result> receive(tcp_socket& socket, asio::mutable_buffer into) {
  const auto [ec, bytes] = co_await socket.async_read_some(into, as_result);
  if (ec) co_await unwind_if_cancelled(ec);
  co_return io_result{.ec = ec, .bytes = bytes};
}

task<error_code> connect(tcp_socket& socket, asio::ip::tcp::endpoint to) {
  const auto [ec] = co_await socket.async_connect(to, as_result);
  if (ec) co_await unwind_if_cancelled(ec);
  co_return ec;
}

void prepare(tcp_socket& socket) noexcept {
  error_code ignored;
  socket.native_non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  // An answer that is a song may take minutes of silence, and address translators forget a connection after four (2026-11).
  constexpr int seconds_between_probes = 30;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  for (const int option : {TCP_KEEPIDLE, TCP_KEEPINTVL}) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &seconds_between_probes, sizeof seconds_between_probes);
  }
}

std::size_t receive_now(int descriptor, asio::mutable_buffer into, error_code& ec) noexcept {
  for (;;) {
    const auto got = ::recv(descriptor, into.data(), into.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      ec = last_error();
      return 0;
    }
    ec = got == 0 ? error_code{asio::error::eof} : error_code{};
    return static_cast<std::size_t>(got);
  }
}

std::size_t send_now(int descriptor, asio::const_buffer from, error_code& ec) noexcept {
  for (;;) {
    const auto put = ::send(descriptor, from.data(), from.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    ec = put < 0 ? last_error() : error_code{};
    return put < 0 ? 0 : static_cast<std::size_t>(put);
  }
}

std::string peer_text(const tcp_socket& socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec) return "unknown";
  const auto address = peer.address().to_string();
  const auto port = std::to_string(peer.port());
  return peer.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace music::net
