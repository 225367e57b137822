#include "dotenv.hpp"

#include <catch2/catch.hpp>

using namespace music::service;

TEST_CASE("names, quotes and comments are read as people write them") {
  int line = 0;

  const auto values = parse_dotenv(
      "# a comment\n\nA=1\nexport B = two words # and a comment\nC='as $it is'\nD=\"a\\\"b\\nc\"\nE=\nF=x#y\r\n", line);

  REQUIRE(values);
  CHECK(values->at("A") == "1");
  CHECK(values->at("B") == "two words");
  CHECK(values->at("C") == "as $it is");
  CHECK(values->at("D") == "a\"b\nc");
  CHECK(values->at("E").empty());
  CHECK(values->at("F") == "x#y");
}

TEST_CASE("a line that is no assignment is told by its number") {
  const auto text =
      GENERATE(as<std::string>{}, "A=1\nnonsense\n", "A=1\n=x\n", "A=1\n1B=x\n", "A=1\nB=\"open\n", "A=1\nB=\"x\"y\n");
  int line = 0;

  CHECK_FALSE(parse_dotenv(text, line));
  CHECK(line == 2);
}
