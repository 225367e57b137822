#include <music/net/egress.hpp>

#include "catch_result.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

using namespace music::net;
namespace json = boost::json;

namespace {

bool is_public(const std::string& text) { return is_public_address(boost::asio::ip::make_address(text)); }

/// The shared vectors, if they are on this machine: beside the project, or where MUSIC_VECTORS_DIR says.
std::optional<json::value> shared_vectors() {
  const char* configured = std::getenv("MUSIC_VECTORS_DIR");
  const auto project = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const auto directory = configured != nullptr ? std::filesystem::path(configured) : project / "../shared/vectors";
  std::ifstream file(directory / "ssrf.json");
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

}  // namespace

TEST_CASE("public addresses are public") {
  const std::string address = GENERATE(as<std::string>{}, "93.184.215.14", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                                       "172.15.255.255", "172.32.0.0", "223.255.255.255", "168.63.129.15", "2606:4700:4700::1111", "2001:200::1");

  INFO(address);
  CHECK(is_public(address));
}

TEST_CASE("addresses of special use are not public") {
  const std::string address =
      GENERATE(as<std::string>{}, "0.0.0.0", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1", "168.63.129.16", "169.254.169.254", "172.16.0.0",
               "172.31.255.255", "192.0.0.192", "192.168.255.255", "198.19.255.255", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
               "64:ff9b::808:808", "fe80::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
               "2a00:1450:4001:800::5efe:a00:1", "2a00:1450:4001:800:200:5efe:a00:1");

  INFO(address);
  CHECK_FALSE(is_public(address));
}

TEST_CASE("audio links must be public https names") {
  CHECK(parse_public_https_url("https://cdn.songs.com/a/b.mp3?x=%20"));
  CHECK(parse_public_https_url("https://cdn.songs.com:8443/a"));

  const std::string text = GENERATE(as<std::string>{}, "http://cdn.songs.com/a", "https://8.8.8.8/", "https://[2606:4700::1]/", "https://localhost/",
                                    "https://db/", "https://x.internal/", "https://127-0-0-1.nip.io/", "https://cdn.songs.com:80/", "https://cdn.songs.com/%0d",
                                    "https://cdn.songs.com/%7F");
  INFO(text);
  CHECK_FALSE(parse_public_https_url(text));
}

TEST_CASE("a name that merely ends like a special one is allowed") { CHECK(parse_public_https_url("https://my-local.com/")); }

TEST_CASE("the shared vectors agree") {
  const auto vectors = shared_vectors();
  if (!vectors) {
    WARN("skipped: no shared vectors on this machine");
    return;
  }
  for (const auto& row : vectors->at("ip_vectors").as_array()) {
    const std::string address(row.at("ip").as_string());
    INFO(row.at("id").as_string() << " " << address);
    CHECK(is_public(address) == (row.at("expect").as_string() != "deny"));
  }
  for (const auto& row : vectors->at("url_vectors").as_array()) {
    const std::string text(row.at("url").as_string());
    INFO(row.at("id").as_string() << " " << text);
    CHECK(parse_public_https_url(text).has_value() == (row.at("expect").as_string() == "ok"));
  }
}
