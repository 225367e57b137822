#include <music/base/base64.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::string_literals;

TEST_CASE("base64 gives the vectors of RFC 4648, both ways") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                       {"f", "Zg=="},
                                                                       {"fo", "Zm8="},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg=="},
                                                                       {"fooba", "Zm9vYmE="},
                                                                       {"foobar", "Zm9vYmFy"},
                                                                       {"\xfb\xff\0"s, "+/8A"}}));

  CHECK(to_base64(bytes) == text);
  CHECK(parse_base64(text) == bytes);
}

TEST_CASE("every byte comes back") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);

  CHECK(parse_base64(to_base64(all)) == all);
}

TEST_CASE("text that base64 does not write is refused") {
  const std::string text = GENERATE(as<std::string>{}, "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v\n", " Zm9",
                                    "Zm-v", "Zm_v", "Z=9v", "Zg==Zg==");

  INFO(text);
  CHECK_FALSE(parse_base64(text));
}
