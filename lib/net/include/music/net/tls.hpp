#pragma once

/// What TLS connections have in common: trust, versions, ciphers, keys.

#include <music/base/error.hpp>

#include <boost/system/error_category.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX; its headers stay in the sources

namespace music::net {

/// Owner of an OpenSSL context. One for each purpose in the process, made at start-up; immutable afterwards and shared by
/// all shards (OpenSSL counts references itself). Movable.
///
/// Both sides: TLS 1.2 or newer, security level 2, ECDHE with AES-GCM or ChaCha20 only, no compression, no renegotiation.
class tls_context {
 public:
  /// For upstreams: verifies the peer's chain and, for each connection, its name (subject alternative names only, never
  /// the common name). `trust_file` is a PEM bundle (SSL_CERT_FILE); empty means the system's store. There is no way to
  /// switch verification off. Error: `invalid_argument` when no trusted certificate can be read. Revocation is not
  /// checked: there is no OCSP in this stack.
  [[nodiscard]] static result<tls_context> client(const std::string& trust_file = {});

  /// For serving HTTPS: PEM chain (leaf first) and its key. Error: `invalid_argument` naming the file that cannot be used.
  [[nodiscard]] static result<tls_context> server(const std::string& certificate_file, const std::string& key_file);

  tls_context() noexcept = default;  ///< empty; only to be assigned to

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return handle_.get(); }

 private:
  struct release {
    void operator()(ssl_ctx_st* handle) const noexcept;
  };
  using handle_type = std::unique_ptr<ssl_ctx_st, release>;

  explicit tls_context(handle_type handle) noexcept : handle_(std::move(handle)) {}

  handle_type handle_;
};

/// OpenSSL's own reasons; the message is OpenSSL's text and contains no data of the peer.
[[nodiscard]] const boost::system::error_category& tls_category() noexcept;

/// Why a certificate was refused (X509_V_ERR_*), e.g. "certificate has expired", "hostname mismatch".
[[nodiscard]] const boost::system::error_category& certificate_category() noexcept;

}  // namespace music::net
