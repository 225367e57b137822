#pragma once

/// The asynchronous socket operations that this room uses, instantiated once. Each reacts to terminal
/// cancellation by unwinding (system_error with operation_aborted).

#include <music/net/transport.hpp>

#include <cstdint>

namespace music::net {

enum class direction : std::uint8_t { read, write };

/// Waits for readiness; reads and writes nothing.
[[nodiscard]] task<error_code> wait_ready(tcp_socket& socket, direction towards);

/// One recv as soon as there is something.
[[nodiscard]] task<io_result> receive(tcp_socket& socket, asio::mutable_buffer into);

/// Opens the socket and connects it.
[[nodiscard]] task<error_code> connect(tcp_socket& socket, asio::ip::tcp::endpoint to);

/// Non-blocking, TCP_NODELAY, keep-alive probes every 30 s of silence. Errors are left for the first read to report.
void prepare(tcp_socket& socket) noexcept;

/// recv(2) without waiting: `would_block`, `eof`, or what the kernel says.
[[nodiscard]] std::size_t receive_now(int descriptor, asio::mutable_buffer into, error_code& ec) noexcept;

/// send(2) without waiting and without SIGPIPE.
[[nodiscard]] std::size_t send_now(int descriptor, asio::const_buffer from, error_code& ec) noexcept;

/// "address:port" of the peer, or "unknown" once it has gone.
[[nodiscard]] std::string peer_text(const tcp_socket& socket);

}  // namespace music::net
