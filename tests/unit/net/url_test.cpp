#include <music/net/url.hpp>

#include "catch_result.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace music::net;

TEST_CASE("a URL is read into origin and target") {
  const auto parsed = parse_url("HTTPS://API.Example.com:8443/v1/songs?id=1&x=%20");

  REQUIRE(parsed);
  CHECK(parsed->from == origin{.scheme = scheme::https, .host = "api.example.com", .port = 8443});
  CHECK(parsed->target == "/v1/songs?id=1&x=%20");
}

TEST_CASE("what a URL leaves out is filled in") {
  CHECK(parse_url("https://h.example")->target == "/");
  CHECK(parse_url("https://h.example")->from.port == 443);
  CHECK(parse_url("http://h.example")->from.port == 80);
  CHECK(parse_url("https://h.example?x=1")->target == "/?x=1");
}

TEST_CASE("hosts may be names and addresses") {
  const auto* text = GENERATE("http://localhost:8080", "http://127.0.0.1", "http://[::1]:9/", "https://a-b.c-d.example/",
                              "https://3com.example/");

  CHECK(parse_url(text));
}

TEST_CASE("an IPv6 host is kept without brackets and written with them") {
  const auto parsed = parse_url("http://[0:0:0:0:0:0:0:1]:8080/x");

  REQUIRE(parsed);
  CHECK(parsed->from.host == "::1");
  CHECK(authority(parsed->from) == "[::1]:8080");
  CHECK(to_string(*parsed) == "http://[::1]:8080/x");
}

TEST_CASE("a URL outside the grammar is refused") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "https://", "https:///x", "ftp://h.example/", "//h.example", "h.example", "https:h.example",
      "https://user@h.example/", "https://user:pw@h.example/", "https://h.example/#x", "https://h.example\\x",
      "https://h.example/a b", "https://h.example/\xC3\xA4", "https://h.example/a\r\nX: y", "https://h_x.example/",
      "https://-a.example/", "https://a-.example/", "https://a..example/", "https://h.example./", "https://h.example:0/",
      "https://h.example:65536/", "https://h.example:/", "https://h.example:-1/", "https://h.example:4a/",
      "https://h.example:+1/", "https://[::1/", "https://[::1]x/", "https://[fe80::1%eth0]/", "https://[]/",
      "https://h.example/%zz", "https://h.example/%2", "https://h.example/\"", "https://h.example/a|b", "https://h.example/{x}");

  INFO(text);
  CHECK_FALSE(parse_url(text));
}

TEST_CASE("numbers that a C library would take for an address are refused") {
  const std::string host = GENERATE(as<std::string>{}, "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0",
                                    "127.0.0.01", "256.1.1.1", "1.2.3.4.5", "0x.0x");

  INFO(host);
  CHECK_FALSE(parse_url("http://" + host + "/"));
}

TEST_CASE("a URL of 2048 bytes passes and one more does not") {
  const std::string start = "https://h.example/";

  CHECK(parse_url(start + std::string(2048 - start.size(), 'a')));
  CHECK_FALSE(parse_url(start + std::string(2049 - start.size(), 'a')));
}

TEST_CASE("a refusal names the rule and not the text") {
  const auto refused = parse_url("https://user:hunter2@h.example/");

  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("hunter2") == std::string::npos);
}

TEST_CASE("a suffix is joined to a base with exactly one slash") {
  const auto base = GENERATE(as<std::string>{}, "https://h.example/v1", "https://h.example/v1/", "https://h.example/v1//");

  CHECK(join(*parse_url(base), "/songs?x=1")->target == "/v1/songs?x=1");
  CHECK(join(*parse_url("https://h.example"), "/songs")->target == "/songs");
}

TEST_CASE("joining refuses what would change the structure") {
  CHECK_FALSE(join(*parse_url("https://h.example/v1?x=1"), "/songs"));
  CHECK_FALSE(join(*parse_url("https://h.example/v1"), "songs"));
  CHECK_FALSE(join(*parse_url("https://h.example/v1"), "/a b"));
  CHECK_FALSE(join(*parse_url("https://h.example/v1"), "/a#b"));
}

TEST_CASE("a segment's bytes cannot leave the segment") {
  CHECK(encode_segment("abc-._~09") == "abc-._~09");
  CHECK(encode_segment("a/b?c#d%e") == "a%2Fb%3Fc%23d%25e");
  CHECK(encode_segment("..") == "%2E%2E");
  CHECK(encode_segment(std::string_view("\0\r\n\xFF", 4)) == "%00%0D%0A%FF");
}

TEST_CASE("loopback hosts are recognised by what they are") {
  CHECK(is_loopback_host("localhost"));
  CHECK(is_loopback_host("127.8.9.1"));
  CHECK(is_loopback_host("::1"));
  CHECK_FALSE(is_loopback_host("localhost.example.com"));
  CHECK_FALSE(is_loopback_host("10.0.0.1"));
}

TEST_CASE("the Host header leaves out the scheme's own port") {
  CHECK(authority(parse_url("https://h.example:443/")->from) == "h.example");
  CHECK(authority(parse_url("http://h.example:443/")->from) == "h.example:443");
}
