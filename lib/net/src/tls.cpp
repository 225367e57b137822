#include <music/net/tls.hpp>

#include "tls_transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace music::net {
namespace {

constexpr int security_level = 2;  // 112 bits: no SHA-1 signatures, no RSA or DH below 2048 (OpenSSL, SSL_CTX_set_security_level)
constexpr const char* cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr long session_timeout = 3600;

class openssl_reasons final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int value) const override {
    const char* text = ERR_reason_error_string(static_cast<unsigned long>(value));
    return text == nullptr ? "handshake or record failure" : text;
  }
};

class certificate_reasons final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "certificate"; }
  [[nodiscard]] std::string message(int value) const override { return X509_verify_cert_error_string(value); }
};

std::string last_reason() {
  const auto reason = ERR_get_error();
  ERR_clear_error();
  return reason == 0 ? "unknown" : tls_category().message(static_cast<int>(reason));
}

/// What both sides have in common. Null if this OpenSSL cannot do it.
SSL_CTX* make_context(const SSL_METHOD* method) noexcept {
  auto* made = SSL_CTX_new(method);
  if (made == nullptr) return nullptr;
  SSL_CTX_set_security_level(made, security_level);
  SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(made, 1);  // one recv for header and body of a record
  const bool ok = SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(made, cipher_list) == 1;
  if (ok) return made;
  SSL_CTX_free(made);
  return nullptr;
}

bool store_is_empty(SSL_CTX* context) {
  auto* objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  return sk_X509_OBJECT_num(objects) <= 0;
}

/// Loads the named bundle, or what OpenSSL was built to use; a directory of hashed certificates loads lazily, so the
/// system's bundle file is what counts as "not empty".
bool load_trust(SSL_CTX* context, const std::string& trust_file) {
  const char* file = trust_file.empty() ? X509_get_default_cert_file() : trust_file.c_str();
  const bool loaded = SSL_CTX_load_verify_file(context, file) == 1 && !store_is_empty(context);
  if (loaded || !trust_file.empty()) return loaded;
  constexpr std::array bundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
  for (const char* bundle : bundles) {
    if (SSL_CTX_load_verify_file(context, bundle) == 1 && !store_is_empty(context)) return true;
  }
  return false;
}

}  // namespace

const boost::system::error_category& tls_category() noexcept {
  static const openssl_reasons category;
  return category;
}

const boost::system::error_category& certificate_category() noexcept {
  static const certificate_reasons category;
  return category;
}

void tls_context::release::operator()(SSL_CTX* handle) const noexcept { SSL_CTX_free(handle); }

result<tls_context> tls_context::client(const std::string& trust_file) {
  handle_type handle(make_context(TLS_client_method()));
  if (!handle) return error{errc::internal, "no TLS client context: " + last_reason()};
  if (!load_trust(handle.get(), trust_file)) {
    ERR_clear_error();
    const auto which = trust_file.empty() ? std::string("the system's trust store") : "SSL_CERT_FILE " + trust_file;
    return error{errc::invalid_argument, which + " holds no certificate that can be read"};
  }
  SSL_CTX_set_verify(handle.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(handle.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_timeout(handle.get(), session_timeout);
  SSL_CTX_sess_set_new_cb(handle.get(), keep_session);
  return tls_context(std::move(handle));
}

result<tls_context> tls_context::server(const std::string& certificate_file, const std::string& key_file) {
  handle_type handle(make_context(TLS_server_method()));
  if (!handle) return error{errc::internal, "no TLS server context: " + last_reason()};
  if (SSL_CTX_use_certificate_chain_file(handle.get(), certificate_file.c_str()) != 1) {
    return error{errc::invalid_argument, "TLS_CERT_FILE " + certificate_file + ": " + last_reason()};
  }
  const bool key_fits = SSL_CTX_use_PrivateKey_file(handle.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
                        SSL_CTX_check_private_key(handle.get()) == 1;
  if (!key_fits) return error{errc::invalid_argument, "TLS_KEY_FILE " + key_file + ": " + last_reason()};
  SSL_CTX_set_options(handle.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  return tls_context(std::move(handle));
}

}  // namespace music::net
