#include <music/base/text.hpp>

#include <catch2/catch.hpp>

using namespace music;

TEST_CASE("code points are counted, not bytes") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("abc") == 3);
  CHECK(count_code_points("夜の雨") == 3);
  CHECK(count_code_points("e\xCC\x81") == 2);
  CHECK(count_code_points("🎧") == 1);
}

TEST_CASE("invalid UTF-8 is told") {
  const std::string_view bad =
      GENERATE(as<std::string_view>{}, "\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "a\xc3");

  CHECK_FALSE(valid_utf8(bad));
}

TEST_CASE("the first code points are cut between code points") {
  CHECK(first_code_points("夜の雨", 2) == "夜の");
  CHECK(first_code_points("ab", 5) == "ab");
}

TEST_CASE("white space of any script is trimmed") {
  CHECK(trim("  a b\t\n") == "a b");
  CHECK(trim("\xE3\x80\x80夜\xC2\xA0") == "夜");
  CHECK(trim(" \t ") == "");
}

TEST_CASE("a pattern matches whole texts with Unicode classes in linear time") {
  const pattern letters{"\\p{L}+"};

  CHECK(letters.matches("夜Ä"));
  CHECK_FALSE(letters.matches("a1"));

  const pattern nested{"(a*)*b"};  // minutes for a backtracking matcher
  CHECK_FALSE(nested.matches(std::string(100'000, 'a')));
}

TEST_CASE("a pattern that does not compile is a bug and throws") { CHECK_THROWS_AS(pattern{"("}, std::invalid_argument); }

TEST_CASE("ASCII case is ignored and nothing else") {
  CHECK(equal_ignoring_case("Content-Type", "content-type"));
  CHECK_FALSE(equal_ignoring_case("ä", "Ä"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK(to_lower_ascii("LoFi Ä") == "lofi Ä");
}
