#include <music/base/redact.hpp>

#include <catch2/catch.hpp>

using namespace music;

TEST_CASE("registered secrets, bearer tokens and sk keys are masked wherever they stand") {
  register_secret("test-key-one");

  CHECK(redact("a test-key-one b test-key-one") == "a [redacted] b [redacted]");
  CHECK(redact("Authorization: Bearer abc.def-123") == "Authorization: Bearer [redacted]");
  CHECK(redact("key sk-not-a-real-key, next") == "key [redacted], next");
}

TEST_CASE("plain words stay") {
  CHECK(redact("connection refused") == "connection refused");
  CHECK(redact("risk-free and sk-it") == "risk-free and sk-it");
}

TEST_CASE("values too short to be secrets are not remembered") {
  register_secret("on");

  CHECK(redact("connection") == "connection");
}

TEST_CASE("bytes that could forge a line are escaped and long text is cut") {
  CHECK(redact("a\x1b[31m\n\xff") == "a\\x1b[31m\\x0a\\xff");
  CHECK(redact(std::string(5000, 'a')).size() == 512);
}
