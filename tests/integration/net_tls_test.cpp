// TLS as the client sees it: which certificates and versions it accepts, and what it resumes.

#include "catch_result.hpp"
#include "fake_upstream.hpp"
#include "run_loop.hpp"
#include "test_pki.hpp"

#include <music/net/http_client.hpp>
#include <music/net/tls.hpp>
#include <music/net/transport.hpp>

#include <openssl/ssl.h>
#include <catch2/catch.hpp>

#include <fstream>

using namespace music;
using namespace music::net;
using namespace std::chrono_literals;
using test::certificate_spec;
using test::fake_upstream;
using test::signer;
using test::upstream_reply;
using test::upstream_request;

namespace {

/// The authorities are made once for all cases: keys take time.
test::test_pki& pki() {
  static test::test_pki made;
  return made;
}

upstream_reply say_ok(const upstream_request&) { return upstream_reply::json("{}"); }

std::unique_ptr<fake_upstream> serve(const certificate_spec& spec, std::string host = "localhost",
                                     std::function<void(ssl_ctx_st*)> adjust = {}) {
  const auto files = pki().issue(spec);
  return std::make_unique<fake_upstream>(say_ok, test::upstream_options{.certificate_file = files.certificate,
                                                                        .key_file = files.key,
                                                                        .host = std::move(host),
                                                                        .adjust_tls = std::move(adjust)});
}

/// A client that trusts the test root, and resolves every name to the loopback address.
struct bench {
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  std::unique_ptr<resolver> names = create_resolver(context.get_executor(), *time, pool, {}, [](const std::string&) {
    return result<address_list>(address_list{asio::ip::address_v4::loopback()});
  });
  tls_context tls = tls_context::client(pki().trust_file()).value();
  std::unique_ptr<http_client> client = create_http_client(context.get_executor(), *time, *names, tls);

  exchange_result get(const fake_upstream& upstream, std::chrono::milliseconds timeout = 20s) {
    return get(upstream.base_url(), timeout);
  }

  exchange_result get(const std::string& base, std::chrono::milliseconds timeout = 20s) {
    http_request request;
    request.address = parse_url(base).value();
    return test::run_loop_for(context, client->send(std::move(request), {}, time->now() + timeout));
  }
};

void check_refused(const exchange_result& got) {
  REQUIRE_FALSE(got);
  INFO(got.error().why.detail);
  CHECK(got.error().why.code == errc::request_error);
  CHECK(got.error().request == sent::nothing);
  CHECK(got.error().why.detail.starts_with("TLS: "));
}

struct named_spec {
  const char* name;
  certificate_spec spec;
};

}  // namespace

TEST_CASE("certificates that name the host and lead to a trusted root are accepted") {
  const auto row = GENERATE(values<named_spec>({
      {"name", {}},
      {"several names", {.dns_names = {"other.test", "LOCALHOST"}}},
      {"through an intermediate", {.by = signer::intermediate}},
      {"RSA 2048", {.rsa_bits = 2048}},
      {"no extended key usage", {.extended_key_usage = ""}},
  }));
  const auto upstream = serve(row.spec);
  bench on;

  INFO(row.name);
  CHECK(on.get(*upstream));
}

TEST_CASE("an address is accepted only as an address") {
  const auto by_address = serve({.dns_names = {}}, "127.0.0.1");
  const auto by_name = serve({.dns_names = {"127.0.0.1"}, .ip_addresses = {}}, "127.0.0.1");
  const auto by_common_name = serve({.common_name = "127.0.0.1", .dns_names = {}, .ip_addresses = {}}, "127.0.0.1");
  bench on;

  CHECK(on.get(*by_address));
  check_refused(on.get(*by_name));
  check_refused(on.get(*by_common_name));
}

TEST_CASE("a wildcard stands for exactly one whole label") {
  const auto one_label = serve({.dns_names = {"*.songs.test"}}, "api.songs.test");
  const auto two_labels = serve({.dns_names = {"*.songs.test"}}, "a.b.songs.test");
  const auto itself = serve({.dns_names = {"*.songs.test"}}, "songs.test");
  const auto partial = serve({.dns_names = {"a*.songs.test"}}, "api.songs.test");
  bench on;

  CHECK(on.get(*one_label));
  check_refused(on.get(*two_labels));
  check_refused(on.get(*itself));
  check_refused(on.get(*partial));
}

TEST_CASE("every other certificate is refused before a byte of the request leaves") {
  const auto row = GENERATE(values<named_spec>({
      {"wrong host", {.dns_names = {"other.test"}}},
      {"common name only", {.common_name = "localhost", .dns_names = {}, .ip_addresses = {}}},
      {"expired", {.valid_from_days = -30, .valid_to_days = -1}},
      {"not yet valid", {.valid_from_days = 1}},
      {"untrusted root", {.by = signer::other_root}},
      {"self-signed", {.by = signer::itself}},
      {"for clients", {.extended_key_usage = "clientAuth"}},
      {"intermediate not sent", {.by = signer::intermediate, .send_intermediate = false}},
      {"signed by a leaf", {.by = signer::leaf_as_authority}},
  }));
  const auto upstream = serve(row.spec);
  bench on;

  INFO(row.name);
  check_refused(on.get(*upstream));
  CHECK(upstream->requests().empty());
}

TEST_CASE("weak keys and signatures are refused although the server would use them") {
  const auto row = GENERATE(values<named_spec>({{"SHA-1", {.sha1 = true}}, {"RSA 1024", {.rsa_bits = 1024}}}));
  const auto weak = pki().issue(row.spec);
  // OpenSSL keeps one certificate for each kind of key, so the good one must be of the kind that the weak one replaces.
  const auto upstream = serve({.rsa_bits = row.spec.rsa_bits == 0 ? 0 : 2048}, "localhost", [&weak](ssl_ctx_st* context) {
    SSL_CTX_set_security_level(context, 0);
    REQUIRE(SSL_CTX_use_certificate_chain_file(context, weak.certificate.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context, weak.key.c_str(), SSL_FILETYPE_PEM) == 1);
  });
  bench on;

  INFO(row.name);
  check_refused(on.get(*upstream));
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, older versions are not") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION, TLS1_1_VERSION);
  const auto upstream = serve({}, "localhost", [version](ssl_ctx_st* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
  });
  bench on;

  const auto got = on.get(*upstream);

  if (version == TLS1_1_VERSION) {
    check_refused(got);
  } else {
    CHECK(got);
  }
}

TEST_CASE("cipher suites without forward secrecy or authentication of the record are refused") {
  const auto* ciphers = GENERATE("AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256");
  const auto upstream = serve({.rsa_bits = 2048}, "localhost", [ciphers](ssl_ctx_st* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, ciphers);
    SSL_CTX_set_dh_auto(context, 1);
  });
  bench on;

  check_refused(on.get(*upstream));
}

TEST_CASE("the host is named to the server, an address is not") {
  std::string name;
  const auto listen = [&name](ssl_ctx_st* context) {
    SSL_CTX_set_tlsext_servername_arg(context, &name);
    SSL_CTX_set_tlsext_servername_callback(
        context, +[](SSL* connection, int*, void* into) {
          const char* said = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
          *static_cast<std::string*>(into) = said == nullptr ? "none" : said;
          return SSL_TLSEXT_ERR_OK;
        });
  };
  const auto upstream = serve({}, GENERATE(as<std::string>{}, "localhost", "127.0.0.1"), listen);
  bench on;

  REQUIRE(on.get(*upstream));

  CHECK(name == (upstream->base_url().find("localhost") == std::string::npos ? "none" : "localhost"));
}

TEST_CASE("a second connection to a configured origin resumes the session") {
  const auto upstream = serve({});
  bench on;
  REQUIRE(on.get(*upstream));
  REQUIRE(on.get(*upstream));

  on.client->close_idle();
  REQUIRE(on.get(*upstream));

  CHECK(on.client->connections_opened() == 2);
  CHECK(upstream->sessions_resumed() == 1);
}

TEST_CASE("keep-alive works over TLS although session tickets arrive between requests") {
  const auto upstream = serve({});
  bench on;

  for (int i = 0; i < 20; ++i) REQUIRE(on.get(*upstream));

  CHECK(on.client->connections_opened() == 1);
}

TEST_CASE("a TLS connection that was closed while idle is noticed") {
  const auto upstream = serve({});
  bench on;
  REQUIRE(on.get(*upstream));

  upstream->close_connections();

  CHECK(on.get(*upstream));
  CHECK(on.client->connections_opened() == 2);
}

TEST_CASE("large bodies cross TLS whole") {
  const auto files = pki().issue({});
  const std::string large(2'000'000, 'x');
  fake_upstream upstream([&](const upstream_request& request) { return upstream_reply{.body = request.body}; },
                         {.certificate_file = files.certificate, .key_file = files.key, .host = "localhost"});
  bench on;
  http_request request;
  request.method = http_method::post;
  request.address = parse_url(upstream.base_url()).value();
  request.body = large;

  const auto got =
      test::run_loop_for(on.context, on.client->send(std::move(request), {.max_body_bytes = 4'000'000}, on.time->now() + 20s));

  REQUIRE(got);
  CHECK(got->body == large);
}

TEST_CASE("an answer over TLS that ends early is cut off, not malformed") {
  const auto how = GENERATE(test::fault::reset, test::fault::close);
  const auto files = pki().issue({});
  fake_upstream upstream(
      [how](const upstream_request&) { return upstream_reply{.body = std::string(500, 'a'), .fault = how, .cut_after = 200}; },
      {.certificate_file = files.certificate, .key_file = files.key, .host = "localhost"});
  bench on;

  const auto cut_off = on.get(upstream);

  REQUIRE_FALSE(cut_off);
  CHECK(cut_off.error().why.code == errc::request_error);
  CHECK(cut_off.error().request == sent::maybe);
}

TEST_CASE("a peer that does not speak TLS fails the handshake") {
  fake_upstream plain(say_ok);
  bench on;

  const auto got = on.get("https://localhost:" + std::to_string(plain.port()), 2s);

  REQUIRE_FALSE(got);
  CHECK(got.error().request == sent::nothing);
}

TEST_CASE("a handshake that stalls ends at the connect limit and sent nothing") {
  bench on;
  tcp_acceptor silent(on.context.get_executor(), {asio::ip::address_v4::loopback(), 0});
  http_request request;
  request.address = parse_url("https://localhost:" + std::to_string(silent.local_endpoint().port())).value();

  const auto got =
      test::run_loop_for(on.context, on.client->send(std::move(request), {.connect_timeout = 100ms}, on.time->now() + 20s));

  REQUIRE_FALSE(got);
  CHECK(got.error().why.code == errc::timeout);
  CHECK(got.error().request == sent::nothing);
}

TEST_CASE("a trust store that is missing, empty or no certificate stops the start") {
  const auto empty = (pki().directory() / "empty.pem").string();
  const auto junk = (pki().directory() / "junk.pem").string();
  std::ofstream(empty).close();
  std::ofstream(junk) << "not a certificate\n";

  CHECK(tls_context::client((pki().directory() / "missing.pem").string()).error().code == errc::invalid_argument);
  CHECK(tls_context::client(empty).error().code == errc::invalid_argument);
  CHECK(tls_context::client(junk).error().code == errc::invalid_argument);
}

TEST_CASE("a server's certificate and key must exist and belong together") {
  const auto one = pki().issue({});
  const auto other = pki().issue({});

  CHECK(tls_context::server(one.certificate, one.key));
  CHECK(tls_context::server(one.certificate, other.key).error().code == errc::invalid_argument);
  CHECK(tls_context::server("/missing.pem", one.key).error().code == errc::invalid_argument);
  CHECK(tls_context::server(one.certificate, "/missing.key").error().code == errc::invalid_argument);
}
