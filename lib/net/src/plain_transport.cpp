#include "socket_transport.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

namespace music::net {
namespace {

class plain_transport final : public socket_transport {
 public:
  using socket_transport::socket_transport;

  task<io_result> read_some(asio::mutable_buffer into) override {
    const auto refused = refusal();
    if (refused) co_return io_result{.ec = refused};
    auto got = co_await receive(socket_, into);
    got.ec = named(got.ec);
    co_return got;
  }

  task<error_code> write(asio::const_buffer from) override {
    for (;;) {
      error_code ec;
      from += try_write(from, ec);
      if (!ec && from.size() == 0) co_return ec;
      if (ec == asio::error::would_block) ec = co_await wait_for(direction::write);
      if (ec) co_return ec;
    }
  }

  task<error_code> wait_readable() override { return wait_for(direction::read); }

  std::size_t try_read(asio::mutable_buffer into, error_code& ec) noexcept override {
    ec = refusal();
    return ec ? 0 : receive_now(descriptor(), into, ec);
  }

  std::size_t try_write(asio::const_buffer from, error_code& ec) noexcept override {
    ec = refusal();
    return ec ? 0 : send_now(descriptor(), from, ec);
  }

  task<error_code> handshake_server() override { co_return error_code{}; }

  bool quiet() noexcept override {
    if (refusal()) return false;
    std::array<char, 1> peeked{};
    const auto got = ::recv(descriptor(), peeked.data(), peeked.size(), MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void shutdown_send() noexcept override {
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
  }
};

}  // namespace

std::unique_ptr<transport> make_plain(tcp_socket socket) { return std::make_unique<plain_transport>(std::move(socket)); }

}  // namespace music::net
