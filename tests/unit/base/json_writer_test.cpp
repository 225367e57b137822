#include <music/base/json_writer.hpp>
#include <music/base/random.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace music;

namespace {

std::string string_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("commas and colons come by themselves at every depth") {
  std::string out;
  json_writer json{out};

  json.begin_object()
      .field("a", 1)
      .key("b")
      .begin_array()
      .value(true)
      .begin_object()
      .end_object()
      .null()
      .end_array()
      .field("c", "x")
      .end_object();

  CHECK(out == R"({"a":1,"b":[true,{},null],"c":"x"})");
}

TEST_CASE("numbers are written as people write them") {
  std::string out;
  json_writer json{out};

  json.begin_array()
      .value(183.4)
      .value(180.0)
      .value(-7)
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(std::nan(""))
      .end_array();

  CHECK(out == "[183.4,180,-7,18446744073709551615,null]");
}

TEST_CASE("what would end or break a string is escaped") {
  CHECK(string_of("a\"b\\c\n\r\t\b\f") == R"("a\"b\\c\n\r\t\b\f")");
  CHECK(string_of(std::string_view{"\0\x1f\x7f", 3}) == R"("\u0000\u001f\u007f")");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  CHECK(string_of("a\xff"
                  "b") ==
        "\"a\xEF\xBF\xBD"
        "b\"");
  CHECK(string_of("\xed\xa0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
}

TEST_CASE("any bytes give JSON that an independent parser accepts") {
  seeded_random random{7};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.next() % 40, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random.next());

    boost::system::error_code ec;
    boost::json::parse(string_of(bytes), ec);

    REQUIRE_FALSE(ec);
  }
}
