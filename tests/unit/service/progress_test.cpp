#include "cli/progress.hpp"

#include <catch2/catch.hpp>

using namespace music::service;

TEST_CASE("a title becomes a file name that no shell trips over") {
  CHECK(file_name_for("Rainy Night, in Tokyo!", "audio/mpeg") == "rainy-night-in-tokyo.mp3");
  CHECK(file_name_for("../../etc/passwd", "audio/flac") == "etc-passwd.flac");
  CHECK(file_name_for("夜の雨", "audio/ogg") == "夜の雨.ogg");
  CHECK(file_name_for("?!", "audio/wav") == "song.wav");
}

TEST_CASE("JSON is indented without touching its strings") {
  CHECK(indent_json(R"({"a":"x,{y}\"","b":[],"c":[1,{"d":null}]})") ==
        "{\n  \"a\": \"x,{y}\\\"\",\n  \"b\": [],\n  \"c\": [\n    1,\n    {\n      \"d\": null\n    }\n  ]\n}");
}
