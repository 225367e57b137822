#pragma once

/// What the plain and the TLS transport share: the socket, its end, and how waiting fails.

#include <music/net/transport.hpp>

#include "socket_ops.hpp"

#include <boost/asio/error.hpp>

#include <string>

namespace music::net {

class socket_transport : public transport {
 public:
  explicit socket_transport(tcp_socket socket) : socket_(std::move(socket)), peer_(peer_text(socket_)) { prepare(socket_); }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

  [[nodiscard]] bool is_open() const noexcept override { return socket_.is_open(); }
  [[nodiscard]] const std::string& peer() const noexcept override { return peer_; }

 protected:
  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }

  /// Why nothing may begin now, or success.
  [[nodiscard]] error_code refusal() const noexcept {
    if (expired()) return asio::error::timed_out;
    if (!socket_.is_open()) return asio::error::operation_aborted;
    return {};
  }

  /// What an interrupted wait is called: `timed_out` if it was `expire` that interrupted it.
  [[nodiscard]] error_code named(error_code ec) const noexcept {
    return ec == asio::error::operation_aborted && expired() ? error_code{asio::error::timed_out} : ec;
  }

  [[nodiscard]] task<error_code> wait_for(direction towards) {
    const auto refused = refusal();
    if (refused) co_return refused;
    const auto ec = co_await wait_ready(socket_, towards);
    co_return named(ec);
  }

  [[nodiscard]] int descriptor() noexcept { return socket_.native_handle(); }

  tcp_socket socket_;

 private:
  std::string peer_;
};

}  // namespace music::net
