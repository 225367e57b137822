#include <music/net/egress.hpp>

#include "catch_result.hpp"
#include "ssrf_vectors.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::net;

namespace {

bool is_public(const std::string& text) { return is_public_address(boost::asio::ip::make_address(text)); }

egress_rules with_gateway() { return egress_rules::parse("127.0.0.1:18789, gateway.internal:443,[::1]:9000").value(); }

}  // namespace

TEST_CASE("public addresses are public") {
  const std::string address =
      GENERATE(as<std::string>{}, "93.184.215.14", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
               "172.15.255.255", "172.32.0.0", "223.255.255.255", "168.63.129.15", "2606:4700:4700::1111", "2001:200::1");

  INFO(address);
  CHECK(is_public(address));
}

TEST_CASE("addresses of special use are not public") {
  const std::string address = GENERATE(
      as<std::string>{}, "0.0.0.0", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1", "168.63.129.16", "169.254.169.254",
      "172.16.0.0", "172.31.255.255", "192.0.0.192", "192.168.255.255", "198.19.255.255", "224.0.0.1", "255.255.255.255",
      "::", "::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "fe80::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1",
      "2002:7f00:1::", "3fff::1", "2a00:1450:4001:800::5efe:a00:1", "2a00:1450:4001:800:200:5efe:a00:1");

  INFO(address);
  CHECK_FALSE(is_public(address));
}

TEST_CASE("audio links must be public https names") {
  CHECK(parse_public_https_url("https://cdn.songs.com/a/b.mp3?x=%20"));
  CHECK(parse_public_https_url("https://cdn.songs.com:8443/a"));

  const std::string text = GENERATE(as<std::string>{}, "http://cdn.songs.com/a", "https://8.8.8.8/", "https://[2606:4700::1]/",
                                    "https://localhost/", "https://db/", "https://x.internal/", "https://127-0-0-1.nip.io/",
                                    "https://cdn.songs.com:80/", "https://cdn.songs.com/%0d", "https://cdn.songs.com/%7F");
  INFO(text);
  CHECK_FALSE(parse_public_https_url(text));
}

TEST_CASE("a name that merely ends like a special one is allowed") { CHECK(parse_public_https_url("https://my-local.com/")); }

TEST_CASE("every address vector has its verdict") {
  for (const auto& row : test::ssrf_vectors("ip_vectors")) {
    const std::string address(row.at("ip").as_string());
    INFO(row.at("id").as_string() << " " << address);
    CHECK(is_public(address) == (row.at("expect").as_string() != "deny"));
  }
}

TEST_CASE("every URL vector has its verdict, with and without exceptions for other hosts") {
  for (const auto& row : test::ssrf_vectors("url_vectors")) {
    const std::string text(row.at("url").as_string());
    const bool expected = row.at("expect").as_string() == "ok";
    INFO(row.at("id").as_string() << " " << text);
    CHECK(parse_public_https_url(text).has_value() == expected);
    CHECK(egress_rules{}.check(text).has_value() == expected);
    CHECK(with_gateway().check(text).has_value() == expected);
  }
}

TEST_CASE("a URL from outside may only go to public addresses") {
  const auto permitted = with_gateway().check("https://hooks.customer.com/x");

  REQUIRE(permitted);
  CHECK(permitted->policy == address_policy::public_only);
  CHECK(to_string(permitted->address) == "https://hooks.customer.com/x");
}

TEST_CASE("an exception opens exactly one host and port, over http too") {
  const std::string text = GENERATE(as<std::string>{}, "http://127.0.0.1:18789/hooks/agent", "https://127.0.0.1:18789/",
                                    "https://gateway.internal/hooks", "http://GATEWAY.internal:443/", "http://[::1]:9000/",
                                    "http://[0:0:0:0:0:0:0:1]:9000/");

  const auto permitted = with_gateway().check(text);

  INFO(text);
  REQUIRE(permitted);
  CHECK(permitted->policy == address_policy::any);
}

TEST_CASE("an exception opens nothing beside its host and port") {
  const std::string text = GENERATE(
      as<std::string>{}, "http://127.0.0.1:18790/", "http://127.0.0.2:18789/", "http://localhost:18789/", "http://127.0.0.1/",
      "http://gateway.internal/", "http://x.gateway.internal:443/", "http://user@127.0.0.1:18789/",
      "http://127.0.0.1:18789/a%0db", "http://2130706433:18789/", "http://hooks.customer.com/", "ftp://127.0.0.1:18789/");

  INFO(text);
  CHECK_FALSE(with_gateway().check(text));
}

TEST_CASE("a list of exceptions that is not host:port pairs is refused") {
  const std::string list =
      GENERATE(as<std::string>{}, "localhost", "127.0.0.1:0", "127.0.0.1:99999", "*:80", "http://127.0.0.1:80", "127.0.0.1:80/x",
               "a:1,,b:2", "user@a:1", "127.0.0.1:80?", "127.1:80", "::1:80", "internal/x:80", "internal/:80", "internal?x:80",
               "internal:81/x:80", "internal:80/");

  INFO(list);
  CHECK_FALSE(egress_rules::parse(list));
}

TEST_CASE("the service itself is refused, also where an exception names it") {
  auto rules = with_gateway();
  rules.refuse(parse_url("https://music.customer.com").value().from);
  rules.refuse(parse_url("http://127.0.0.1:18789").value().from);

  CHECK_FALSE(rules.check("https://music.customer.com/generate"));
  CHECK_FALSE(rules.check("http://127.0.0.1:18789/generate"));
  CHECK(rules.check("https://music.customer.com:8443/"));
}

TEST_CASE("what the operator wrote needs no exception over https, nor over http on a loopback host") {
  const std::string text = GENERATE(as<std::string>{}, "https://hooks.customer.com/x", "https://gateway.internal:8444/hooks",
                                    "https://10.0.0.1/", "https://localhost/", "http://127.0.0.1:18789/hooks",
                                    "http://localhost:18789/hooks", "http://127.9.9.9/", "http://[::1]:18789/hooks");

  const auto permitted = egress_rules{}.check_own(text);

  INFO(text);
  REQUIRE(permitted);
  CHECK(permitted->policy == address_policy::any);
}

TEST_CASE("over http beyond loopback what the operator wrote needs an exception") {
  const std::string text = GENERATE(as<std::string>{}, "http://gateway.internal:443/", "http://10.0.0.1:80/");

  INFO(text);
  CHECK_FALSE(egress_rules{}.check_own(text));
  CHECK(egress_rules::parse("gateway.internal:443,10.0.0.1:80").value().check_own(text));
}

TEST_CASE("what the operator wrote must still be a URL, without encoded controls, and not lead to the service itself") {
  auto rules = with_gateway();
  rules.refuse(parse_url("https://music.customer.com").value().from);
  const std::string text = GENERATE(as<std::string>{}, "ftp://127.0.0.1/", "https://user@hooks.customer.com/",
                                    "http://127.0.0.1:18789/a%0db", "http://127.1/", "https://hooks.customer.com/#x",
                                    "http://127.0.0.1.customer.com/", "https://music.customer.com/generate");

  INFO(text);
  CHECK_FALSE(rules.check_own(text));
}

TEST_CASE("what the operator may write is not open to others") {
  CHECK_FALSE(egress_rules{}.check("http://127.0.0.1:18789/hooks"));
  CHECK_FALSE(egress_rules{}.check("https://gateway.internal/hooks"));
}
