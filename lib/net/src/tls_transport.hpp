#pragma once

/// TLS by OpenSSL on the socket's descriptor: no buffers of our own between them. A pooled connection takes about 30 KiB
/// this way and 76-89 with Asio's SSL stream and its two memory BIOs (measured 2026-11).

#include <music/net/transport.hpp>

#include <memory>
#include <string>

struct ssl_st;  // OpenSSL's SSL and SSL_SESSION; its headers stay in the sources
struct ssl_session_st;

namespace music::net {

/// The session that the next connection to one origin offers for resumption. Shared by the client's record of that origin
/// and its connections, all on one shard.
class tls_session_slot {
 public:
  tls_session_slot() = default;
  ~tls_session_slot() { replace(nullptr); }
  tls_session_slot(const tls_session_slot&) = delete;
  tls_session_slot& operator=(const tls_session_slot&) = delete;

  /// Takes over one reference; null forgets.
  void replace(ssl_session_st* session) noexcept;
  [[nodiscard]] ssl_session_st* get() const noexcept { return session_; }

 private:
  ssl_session_st* session_ = nullptr;
};

/// A client's handshake on a connected socket. `host` is sent as SNI and verified (an address is only verified).
/// `session` may be null: then nothing is resumed and nothing kept. The error's category tells what failed:
/// `certificate_category`, `tls_category`, or the socket.
struct tls_connect_result {
  error_code ec{};
  std::unique_ptr<transport> connection{};
};
[[nodiscard]] task<tls_connect_result> connect_tls(tcp_socket socket, const tls_context& context, std::string host,
                                                   std::shared_ptr<tls_session_slot> session);

/// OpenSSL's callback for tickets that arrive: stores the session in the connection's slot. Set on clients' contexts.
int keep_session(ssl_st* connection, ssl_session_st* session);

}  // namespace music::net
