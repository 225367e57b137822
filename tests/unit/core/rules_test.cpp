#include <music/core/rules.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::string_literals;

TEST_CASE("themes of any script are welcome") {
  const auto theme =
      GENERATE(as<std::string>{}, "rainy night in Tokyo, lofi", "雨の東京の夜", "ليلة ممطرة", "Ночь, улица, фонарь", "कखग संगीत",
               "fête d'été: \"joie\" (très vif)!", "rock & roll; drum + bass #1", "🎧🌧️ lofi", "👩🏽‍🚀 in space",
               "👨‍👩‍👧 family day", "❤️‍🔥 love", "C♯ minor ♪", "½ past ②", "1️⃣ song");

  CHECK(check_theme(theme) == text_problem::none);
}

TEST_CASE("characters that could break something further on are refused") {
  const auto theme = GENERATE(as<std::string>{}, "a\\bc", "a{b}c", "a[b]c", "a<b>c", "a@bc", "50%ab", "a*bc", "a$bc", "a^bc",
                              "a|bc", "a`bc", "a~bc", "a=bc", "abc\n", "a\tbc", "abc\0def"s, "a\x1b[31m",
                              "a\x7f"
                              "bc",
                              "abc\xC2\x85",
                              "abc\xE2\x80\xAE"
                              "def",
                              "abc\xE2\x80\x8B"
                              "def",
                              "ab\xE2\x80\x8D"
                              "cd",
                              "abc\xEF\xBB\xBF", "abc\xF3\xA0\x81\xA1", "\xE2\x80\x8D🎧🎧");

  CHECK(check_theme(theme) == text_problem::forbidden_character);
}

TEST_CASE("lengths count code points, at both ends") {
  CHECK(check_theme("夜雨") == text_problem::too_short);
  CHECK(check_theme("夜の雨") == text_problem::none);
  std::string long_theme;
  for (int i = 0; i < 500; ++i) long_theme += "夜";
  CHECK(check_theme(long_theme) == text_problem::none);
  CHECK(check_theme(long_theme + "夜") == text_problem::too_long);
  CHECK(check_theme(std::string(8'000'000, 'a')) == text_problem::too_long);
}

TEST_CASE("invalid UTF-8 is told apart") { CHECK(check_theme("abc\xff") == text_problem::not_utf8); }

TEST_CASE("a prompt may have lines and brackets but no controls") {
  CHECK(check_prompt("[Verse]\nRain on glass\n{softly} 90% dry") == text_problem::none);
  CHECK(check_prompt("too short") == text_problem::too_short);
  CHECK(check_prompt("a prompt with \x07 bell") == text_problem::forbidden_character);
  CHECK(check_prompt("right to left \xE2\x80\xAE override") == text_problem::forbidden_character);
  CHECK(check_prompt(std::string(2001, 'a')) == text_problem::too_long);
}

TEST_CASE("tags and title may be empty where the contract lets them") {
  CHECK(check_tags("") == text_problem::none);
  CHECK(check_title("") == text_problem::too_short);
}
