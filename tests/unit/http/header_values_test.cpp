#include "header_values.hpp"

#include <catch2/catch.hpp>

using namespace music::http;
using namespace std::chrono_literals;

TEST_CASE("an idempotency key is 1 to 255 visible ASCII characters") {
  CHECK(parse_idempotency_key("a") == "a");
  CHECK(parse_idempotency_key(std::string(255, 'k')) == std::string(255, 'k'));
  CHECK_FALSE(parse_idempotency_key(""));
  CHECK_FALSE(parse_idempotency_key(std::string(256, 'k')));
  CHECK_FALSE(parse_idempotency_key("with space"));
  CHECK_FALSE(parse_idempotency_key("tab\t"));
  CHECK_FALSE(parse_idempotency_key("\xc3\xa9"));
  CHECK_FALSE(parse_idempotency_key("\x7f"));
}

TEST_CASE("a quoted idempotency key means the same as a bare one") {
  CHECK(parse_idempotency_key("\"abc\"") == "abc");
  CHECK(parse_idempotency_key(R"("a\"b\\c")") == "a\"b\\c");
  CHECK(parse_idempotency_key('"' + std::string(255, 'k') + '"') == std::string(255, 'k'));
  CHECK_FALSE(parse_idempotency_key("\"\""));
  CHECK_FALSE(parse_idempotency_key("\""));
  CHECK_FALSE(parse_idempotency_key("\"open"));
  CHECK_FALSE(parse_idempotency_key("\"a\"b\""));
  CHECK_FALSE(parse_idempotency_key(R"("\a")"));
  CHECK_FALSE(parse_idempotency_key(R"("end\")"));
  CHECK_FALSE(parse_idempotency_key("\"a b\""));
}

TEST_CASE("the wait preference is found among others and ignored when it is not a whole number") {
  CHECK(parse_wait("wait=10") == 10s);
  CHECK(parse_wait("respond-async, wait=100") == 100s);
  CHECK(parse_wait("WAIT = 5 ; foo=bar") == 5s);
  CHECK(parse_wait("foo=\"a, wait=3\", wait=4") == 4s);
  CHECK(parse_wait("wait=99999999999999999999") == 86'400s);
  CHECK_FALSE(parse_wait(""));
  CHECK_FALSE(parse_wait("respond-async"));
  CHECK_FALSE(parse_wait("wait"));
  CHECK_FALSE(parse_wait("wait=-1"));
  CHECK_FALSE(parse_wait("wait=1.5"));
  CHECK_FALSE(parse_wait("wait=soon"));
}

TEST_CASE("entity tags are compared weakly and in lists") {
  CHECK(matches_etag("\"7\"", "\"7\""));
  CHECK(matches_etag("W/\"7\"", "\"7\""));
  CHECK(matches_etag("\"6\", W/\"7\" ,\"8\"", "\"7\""));
  CHECK(matches_etag("\"a,b\", \"7\"", "\"7\""));
  CHECK(matches_etag("*", "\"7\""));
  CHECK_FALSE(matches_etag("\"8\"", "\"7\""));
  CHECK_FALSE(matches_etag("7", "\"7\""));
  CHECK_FALSE(matches_etag("", "\"7\""));
  CHECK_FALSE(matches_etag("\"7", "\"7\""));
}

TEST_CASE("a range picks its part of a file of ten bytes") {
  struct example {
    const char* range;
    range_outcome outcome;
    byte_range part;
  };
  const auto [range, outcome, part] = GENERATE(values<example>({
      {"bytes=0-0", range_outcome::part, {0, 1}},
      {"bytes=2-5", range_outcome::part, {2, 4}},
      {"bytes=0-9", range_outcome::part, {0, 10}},
      {"bytes=3-", range_outcome::part, {3, 7}},
      {"bytes=8-100", range_outcome::part, {8, 2}},
      {"bytes=8-99999999999999999999999", range_outcome::part, {8, 2}},
      {"bytes=-3", range_outcome::part, {7, 3}},
      {"bytes=-100", range_outcome::part, {0, 10}},
      {"BYTES=0-1", range_outcome::part, {0, 2}},
      {"bytes= 0-1 ", range_outcome::part, {0, 2}},
      {"bytes=10-", range_outcome::unsatisfiable, {}},
      {"bytes=10-20", range_outcome::unsatisfiable, {}},
      {"bytes=99999999999999999999999-", range_outcome::unsatisfiable, {}},
      {"bytes=-0", range_outcome::unsatisfiable, {}},
      {"bytes=5-2", range_outcome::whole, {}},
      {"bytes=0-1,3-4", range_outcome::whole, {}},
      {"bytes=", range_outcome::whole, {}},
      {"bytes=-", range_outcome::whole, {}},
      {"bytes=a-b", range_outcome::whole, {}},
      {"bytes=1-x", range_outcome::whole, {}},
      {"bytes=+1-2", range_outcome::whole, {}},
      {"items=0-1", range_outcome::whole, {}},
      {"0-1", range_outcome::whole, {}},
      {"", range_outcome::whole, {}},
  }));

  const auto choice = choose_range(range, 10);

  INFO(range);
  CHECK(choice.outcome == outcome);
  CHECK(choice.part == part);
}

TEST_CASE("an empty file satisfies no range") {
  CHECK(choose_range("bytes=0-", 0).outcome == range_outcome::unsatisfiable);
  CHECK(choose_range("bytes=-1", 0).outcome == range_outcome::unsatisfiable);
}

TEST_CASE("only application/json in UTF-8 is JSON") {
  CHECK(is_json("application/json"));
  CHECK(is_json("Application/JSON; charset=UTF-8"));
  CHECK(is_json("application/json;charset=\"utf-8\""));
  CHECK(is_json("application/json;"));
  CHECK_FALSE(is_json(""));
  CHECK_FALSE(is_json("text/plain"));
  CHECK_FALSE(is_json("application/jsonx"));
  CHECK_FALSE(is_json("application/json; charset=utf-16"));
  CHECK_FALSE(is_json("application/json; boundary=x"));
  CHECK_FALSE(is_json("multipart/form-data"));
}

TEST_CASE("JSON is given to whoever does not rule it out") {
  CHECK(accepts_json(""));
  CHECK(accepts_json("application/json"));
  CHECK(accepts_json("*/*"));
  CHECK(accepts_json("text/html, application/*;q=0.5"));
  CHECK(accepts_json("text/html,application/xhtml+xml,*/*;q=0.8"));
  CHECK_FALSE(accepts_json("text/html"));
  CHECK_FALSE(accepts_json("application/json;q=0"));
  CHECK_FALSE(accepts_json("application/json;q=0.000"));
}

TEST_CASE("a client's request id is kept only if it is harmless") {
  CHECK(is_request_id("abc-DEF_1.2"));
  CHECK(is_request_id(std::string(128, 'a')));
  CHECK_FALSE(is_request_id(""));
  CHECK_FALSE(is_request_id(std::string(129, 'a')));
  CHECK_FALSE(is_request_id("a b"));
  CHECK_FALSE(is_request_id("a\"b"));
}

TEST_CASE("a title becomes a file name that can do no harm") {
  CHECK(content_disposition("Rainy Night", "mp3") == "inline; filename=\"Rainy Night.mp3\"");
  CHECK(content_disposition("", "mp3") == "inline; filename=\"song.mp3\"");
  CHECK(content_disposition("...", "ogg") == "inline; filename=\"song.ogg\"");
  CHECK(content_disposition("../../etc/passwd", "mp3") == "inline; filename=\"_.._etc_passwd.mp3\"");
  CHECK(content_disposition("a\"; filename=\"b.exe", "mp3") == "inline; filename=\"a__ filename=_b.exe.mp3\"");
  CHECK(content_disposition("a\r\nSet-Cookie: x", "mp3") == "inline; filename=\"a__Set-Cookie_ x.mp3\"");
  CHECK(content_disposition("caf\xc3\xa9", "mp3") == "inline; filename=\"caf_.mp3\"; filename*=UTF-8''caf%C3%A9.mp3");
  CHECK(content_disposition("\xe2\x80\xaegpj", "mp3") == "inline; filename=\"_gpj.mp3\"");
  CHECK(content_disposition("\xff\xfe", "mp3") == "inline; filename=\"song.mp3\"");
}
