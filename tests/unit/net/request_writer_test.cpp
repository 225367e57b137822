#include "request_writer.hpp"

#include "catch_result.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::net;

namespace {

http_request get(std::string_view address) {
  http_request request;
  request.address = parse_url(address).value();
  return request;
}

}  // namespace

TEST_CASE("a GET is written without a body") {
  auto request = get("https://h.example:8443/a?b=c");
  request.headers.push_back({"Authorization", "Bearer test-key"});

  const auto wire = write_request(request, "agent/1");

  REQUIRE(wire);
  CHECK(*wire ==
        "GET /a?b=c HTTP/1.1\r\nHost: h.example:8443\r\nUser-Agent: agent/1\r\nAccept-Encoding: identity\r\n"
        "Authorization: Bearer test-key\r\n\r\n");
}

TEST_CASE("a POST says its length, an empty one too") {
  auto request = get("https://h.example/");
  request.method = http_method::post;
  request.body = GENERATE(as<std::string>{}, "", "{}");

  const auto wire = write_request(request, "agent/1");

  REQUIRE(wire);
  CHECK(wire->find("Content-Length: " + std::to_string(request.body.size()) + "\r\n") != std::string::npos);
  CHECK(wire->ends_with("\r\n\r\n" + request.body));
}

TEST_CASE("a header that could change the request is refused") {
  const auto header = GENERATE(values<http_header>({{"X", "a\r\nY: b"},
                                                    {"X", "a\nb"},
                                                    {"X", std::string("a\0b", 3)},
                                                    {"X", " a"},
                                                    {"X", "a\x7F"},
                                                    {"", "a"},
                                                    {"X Y", "a"},
                                                    {"X:", "a"},
                                                    {"X\r\n", "a"},
                                                    {"host", "other"},
                                                    {"Content-Length", "1"},
                                                    {"Transfer-Encoding", "chunked"},
                                                    {"Connection", "close"}}));
  auto request = get("https://h.example/");
  request.headers.push_back(header);

  CHECK(write_request(request, "agent/1").error().code == errc::invalid_argument);
}

TEST_CASE("a target or host that was not parsed is checked all the same") {
  auto split = get("https://h.example/");
  split.address.target = "/ HTTP/1.1\r\nX: y";
  auto relative = get("https://h.example/");
  relative.address.target = "x";
  auto host = get("https://h.example/");
  host.address.from.host = "h\r\nX: y";

  CHECK_FALSE(write_request(split, "agent/1"));
  CHECK_FALSE(write_request(relative, "agent/1"));
  CHECK_FALSE(write_request(host, "agent/1"));
}
