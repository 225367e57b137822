#include "tls_transport.hpp"

#include <music/net/tls.hpp>
#include <music/net/url.hpp>

#include "socket_transport.hpp"
#include "tls_bio.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <new>

namespace music::net {
namespace {

/// Where an SSL object keeps the pointer to its slot.
int slot_index() noexcept {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

struct free_ssl {
  void operator()(SSL* handle) const noexcept { SSL_free(handle); }
};
using ssl_handle = std::unique_ptr<SSL, free_ssl>;

/// What one call into OpenSSL came to: done, failed, or waiting for the socket.
struct step {
  error_code ec{};
  bool waits = false;
  direction towards = direction::read;
};

error_code tls_failure(const SSL* handle) noexcept {
  const auto reason = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(reason)) return {ERR_GET_REASON(reason), boost::system::system_category()};
  if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return asio::error::connection_reset;
  if (ERR_GET_REASON(reason) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return {static_cast<int>(SSL_get_verify_result(handle)), certificate_category()};
  }
  return {static_cast<int>(reason), tls_category()};
}

step interpret(const SSL* handle, int returned, int system_error) noexcept {
  switch (SSL_get_error(handle, returned)) {
    case SSL_ERROR_NONE: return {};
    case SSL_ERROR_WANT_READ: return {.waits = true, .towards = direction::read};
    case SSL_ERROR_WANT_WRITE: return {.waits = true, .towards = direction::write};
    case SSL_ERROR_ZERO_RETURN: return {.ec = asio::error::eof};
    case SSL_ERROR_SYSCALL:
      if (system_error == 0) return {.ec = asio::error::connection_reset};
      return {.ec = {system_error, boost::system::system_category()}};
    default: return {.ec = tls_failure(handle)};
  }
}

class tls_transport final : public socket_transport {
 public:
  tls_transport(tcp_socket socket, SSL_CTX* context, std::shared_ptr<tls_session_slot> session)
      : socket_transport(std::move(socket)), session_(std::move(session)), ssl_(SSL_new(context)) {
    auto* bio = ssl_ ? new_descriptor_bio(descriptor()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_ex_data(ssl_.get(), slot_index(), session_.get());
  }

  /// OpenSSL marks the session of a connection that was not shut down as never to be resumed. HTTP's own framing tells an
  /// end from a truncation, so a connection without failure leaves its session good.
  ~tls_transport() override {
    if (usable_ && SSL_is_init_finished(ssl_.get()) == 1) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  tls_transport(const tls_transport&) = delete;
  tls_transport& operator=(const tls_transport&) = delete;

  /// Prepares a client's handshake. False if OpenSSL refuses the name.
  [[nodiscard]] bool expect_peer(const std::string& host) noexcept {
    auto* parameters = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set_connect_state(ssl_.get());
    if (session_ && session_->get() != nullptr) SSL_set_session(ssl_.get(), session_->get());
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
    return SSL_set1_host(ssl_.get(), host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
  }

  void expect_client() noexcept { SSL_set_accept_state(ssl_.get()); }

  [[nodiscard]] task<error_code> handshake() {
    for (;;) {
      auto now = advance([](SSL* handle) { return SSL_do_handshake(handle); });
      if (!now.waits) co_return now.ec;
      now.ec = co_await wait_for(now.towards);
      if (now.ec) co_return now.ec;
    }
  }

  task<error_code> handshake_server() override { return handshake(); }

  task<io_result> read_some(asio::mutable_buffer into) override {
    for (;;) {
      io_result got;
      got.bytes = try_read(into, got.ec);
      if (got.ec == asio::error::would_block) got.ec = co_await wait_for(read_waits_for_);
      if (got.ec || got.bytes != 0) co_return got;
    }
  }

  task<error_code> write(asio::const_buffer from) override {
    for (;;) {
      error_code ec;
      from += try_write(from, ec);
      if (!ec && from.size() == 0) co_return ec;
      if (ec == asio::error::would_block) ec = co_await wait_for(write_waits_for_);
      if (ec) co_return ec;
    }
  }

  /// Bytes that OpenSSL has read ahead do not show on the socket; but once a read came back empty-handed, what it still
  /// holds is part of a record, and only the socket can bring the rest.
  task<error_code> wait_readable() override {
    if (!starved_ && SSL_has_pending(ssl_.get()) == 1) co_return error_code{};
    const auto ec = co_await wait_for(read_waits_for_);
    co_return ec;
  }

  std::size_t try_read(asio::mutable_buffer into, error_code& ec) noexcept override {
    std::size_t got = 0;
    const auto now = advance([&](SSL* handle) { return SSL_read_ex(handle, into.data(), into.size(), &got); });
    starved_ = now.waits;
    read_waits_for_ = now.towards;
    ec = now.waits ? error_code{asio::error::would_block} : now.ec;
    return ec ? 0 : got;
  }

  std::size_t try_write(asio::const_buffer from, error_code& ec) noexcept override {
    std::size_t put = 0;
    const auto now = advance([&](SSL* handle) { return SSL_write_ex(handle, from.data(), from.size(), &put); });
    write_waits_for_ = now.waits ? now.towards : direction::write;
    ec = now.waits ? error_code{asio::error::would_block} : now.ec;
    return ec ? 0 : put;
  }

  bool quiet() noexcept override {
    char peeked = 0;
    std::size_t got = 0;
    const auto now = advance([&](SSL* handle) { return SSL_peek_ex(handle, &peeked, 1, &got); });
    return now.waits && now.towards == direction::read;
  }

  void shutdown_send() noexcept override {
    if (usable_ && SSL_is_init_finished(ssl_.get()) == 1) advance([](SSL* handle) { return SSL_shutdown(handle) < 0 ? -1 : 1; });
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
  }

 private:
  /// One call into OpenSSL; nothing is called again after a fatal error, as its documentation demands.
  template <class Call>
  step advance(Call call) noexcept {
    if (const auto refused = refusal()) return {.ec = refused};
    if (!usable_) return {.ec = asio::error::connection_reset};
    ERR_clear_error();
    errno = 0;
    const int returned = call(ssl_.get());
    const auto came_to = returned > 0 ? step{} : interpret(ssl_.get(), returned, errno);
    if (came_to.ec && came_to.ec != asio::error::eof) usable_ = false;
    return came_to;
  }

  std::shared_ptr<tls_session_slot> session_;  // the SSL object points to it
  ssl_handle ssl_;
  bool usable_ = true;
  bool starved_ = false;
  direction read_waits_for_ = direction::read;
  direction write_waits_for_ = direction::write;
};

}  // namespace

void tls_session_slot::replace(SSL_SESSION* session) noexcept {
  SSL_SESSION_free(session_);
  session_ = session;
}

int keep_session(SSL* connection, SSL_SESSION* session) {
  auto* slot = static_cast<tls_session_slot*>(SSL_get_ex_data(connection, slot_index()));
  if (slot == nullptr) return 0;
  slot->replace(session);
  return 1;
}

std::unique_ptr<transport> make_tls_server(tcp_socket socket, const tls_context& context) {
  auto made = std::make_unique<tls_transport>(std::move(socket), context.native(), nullptr);
  made->expect_client();
  return made;
}

task<tls_connect_result> connect_tls(tcp_socket socket, const tls_context& context, std::string host,
                                     std::shared_ptr<tls_session_slot> session) {
  tls_connect_result outcome;
  auto made = std::make_unique<tls_transport>(std::move(socket), context.native(), std::move(session));
  if (!made->expect_peer(host)) {
    outcome.ec = asio::error::invalid_argument;
    co_return outcome;
  }
  outcome.ec = co_await made->handshake();
  if (!outcome.ec) outcome.connection = std::move(made);
  co_return outcome;
}

}  // namespace music::net
