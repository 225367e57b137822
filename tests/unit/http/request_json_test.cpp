#include "request_json.hpp"

#include <catch2/catch.hpp>

using namespace music::http;
using music::audio_format;
using music::field_error;

namespace {

problem problem_of(std::string_view body) {
  const auto decoded = decode_generate(body);
  REQUIRE_FALSE(decoded.has_value());
  return decoded.error().what;
}

std::string wrong_field(std::string_view body) {
  const auto decoded = decode_generate(body);
  REQUIRE_FALSE(decoded.has_value());
  REQUIRE(decoded.error().what == problem::validation_error);
  REQUIRE(decoded.error().fields.size() == 1);
  return decoded.error().fields.front().field;
}

}  // namespace

TEST_CASE("all fields of a request are read") {
  const auto decoded = decode_generate(
      R"( {"theme":"  rainy night ","tags":"lofi","title":"Rain","style":"lofi","provider":"local","instrumental":true,
           "duration_seconds":90.5,"seed":42,"format":"ogg","model":"V5","lyrics":"[Verse]\nRain",
           "negative_tags":"drums","quality":"high","deadline_seconds":60.0,"metadata":{"a":"1","b":""}} )");

  REQUIRE(decoded.has_value());
  CHECK(decoded->theme == "rainy night");
  CHECK(decoded->tags == "lofi");
  CHECK(decoded->title == "Rain");
  CHECK(decoded->style == "lofi");
  CHECK(decoded->provider == "local");
  CHECK(decoded->instrumental == true);
  CHECK(decoded->duration_seconds == 90.5);
  CHECK(decoded->seed == 42U);
  CHECK(decoded->format == audio_format::ogg);
  CHECK(decoded->model == "V5");
  CHECK(decoded->lyrics == "[Verse]\nRain");
  CHECK(decoded->negative_tags == "drums");
  CHECK(decoded->quality == music::audio_quality::high);
  CHECK(decoded->deadline == std::chrono::seconds{60});
  CHECK(decoded->metadata == std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", ""}});
}

TEST_CASE("escapes in names and values are read as what they mean") {
  const auto decoded = decode_generate(R"({"\u0074heme":"caf\u00e9 \ud83c\udf19 night"})");

  REQUIRE(decoded.has_value());
  CHECK(decoded->theme == "caf\xc3\xa9 \xf0\x9f\x8c\x99 night");
}

TEST_CASE("what is not one JSON object is malformed") {
  const std::string body =
      GENERATE(as<std::string>{}, "", " ", "{", "}", "[]", "null", "\"theme\"", "7", "{\"theme\":\"abc\"} x",
               "{\"theme\":\"abc\"}{}", "{'theme':'abc'}", "{\"theme\":\"abc\",}", "// c\n{\"theme\":\"abc\"}", "{\"theme\":NaN}",
               "\xef\xbb\xbf{\"theme\":\"abc\"}", "{\"theme\":\"\xff\"}", "{\"theme\":\"\xed\xa0\x80\"}", R"({"theme":"\ud800"})",
               "{\"theme\":\"a\nb\"}", "{\"theme\":01}");
  INFO(body);
  CHECK(problem_of(body) == problem::malformed_json);
}

TEST_CASE("a name that comes twice is malformed however it is written and wherever it stands") {
  CHECK(problem_of(R"({"theme":"abc","theme":"abc"})") == problem::malformed_json);
  CHECK(problem_of(R"({"theme":"abc","\u0074heme":"abc"})") == problem::malformed_json);
  CHECK(problem_of(R"({"theme":"abc","metadata":{"a":"1","a":"2"}})") == problem::malformed_json);
  CHECK(problem_of(R"({"theme":"abc","x":[{"a":{"b":1,"b":1}}]})") == problem::malformed_json);
}

TEST_CASE("eight levels are read and nine are malformed") {
  const auto nested = [](std::size_t levels) {
    return R"({"theme":"abc","x":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  CHECK(problem_of(nested(8)) == problem::validation_error);
  CHECK(problem_of(nested(9)) == problem::malformed_json);
  CHECK(problem_of(std::string(60'000, '[')) == problem::malformed_json);
}

TEST_CASE("a request without a theme is told so") {
  for (const auto* body : {"{}", R"({"tags":"lofi"})", R"({"metadata":{"theme":"abc"}})", R"({"Theme":"abc"})"}) {
    const auto decoded = decode_generate(body);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().what == problem::missing_parameter);
    CHECK(decoded.error().fields == std::vector<field_error>{{"theme", "is required"}});
  }
}

TEST_CASE("an unknown or mistyped field is named and its value is not") {
  CHECK(wrong_field(R"({"theme":"abc","owner":"secret-value"})") == "owner");
  CHECK(wrong_field(R"({"theme":"abc","status":{"a":[1]}})") == "status");
  CHECK(wrong_field(R"({"theme":null})") == "theme");
  CHECK(wrong_field(R"({"theme":["abc"]})") == "theme");
  CHECK(wrong_field(R"({"theme":{"a":"abc"}})") == "theme");
  CHECK(wrong_field(R"({"theme":"abc","tags":7})") == "tags");
  CHECK(wrong_field(R"({"theme":"abc","instrumental":"true"})") == "instrumental");
  CHECK(wrong_field(R"({"theme":"abc","format":"exe"})") == "format");
  CHECK(wrong_field(R"({"theme":"abc","metadata":[]})") == "metadata");
  CHECK(wrong_field(R"({"theme":"abc","metadata":{"a":1}})") == "metadata");
  CHECK(wrong_field(R"({"theme":"ab"})") == "theme");
}

TEST_CASE("numbers must be what their field is") {
  const std::string number = GENERATE(as<std::string>{}, "1.5", "-1", "1e400", "18446744073709551616", "\"5\"", "true", "null");
  INFO(number);
  CHECK(wrong_field(R"({"theme":"abc","seed":)" + number + "}") == "seed");
  CHECK(wrong_field(R"({"theme":"abc","deadline_seconds":)" + number + "}") == "deadline_seconds");
}

TEST_CASE("a duration must be finite") {
  CHECK(wrong_field(R"({"theme":"abc","duration_seconds":1e400})") == "duration_seconds");
  CHECK(wrong_field(R"({"theme":"abc","duration_seconds":"90"})") == "duration_seconds");
  CHECK(wrong_field(R"({"theme":"abc","duration_seconds":1})") == "duration_seconds");
}

TEST_CASE("a body of a thousand unknown fields gets a short answer") {
  std::string body = R"({"theme":"abc")";
  for (int i = 0; i < 200; ++i) body += ",\"" + std::string(100, 'x') + std::to_string(i) + "\":1";
  body += "}";

  const auto decoded = decode_generate(body);

  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().fields.size() == 20);
  CHECK(decoded.error().fields.front().field.size() == 64);
}

TEST_CASE("retrying may say what to do when it is unknown whether the song was bought") {
  CHECK(*decode_retry("") == false);
  CHECK(*decode_retry("{}") == false);
  CHECK(*decode_retry(R"({"on_unknown":"fail"})") == false);
  CHECK(*decode_retry(R"({"on_unknown":"resubmit"})") == true);
  CHECK(decode_retry(R"({"on_unknown":"again"})").error().what == problem::validation_error);
  CHECK(decode_retry(R"({"on_unknown":true})").error().what == problem::validation_error);
  CHECK(decode_retry(R"({"x":1})").error().what == problem::validation_error);
  CHECK(decode_retry("[]").error().what == problem::malformed_json);
}

TEST_CASE("cancelling takes no fields") {
  CHECK(decode_nothing("").has_value());
  CHECK(decode_nothing(" {} ").has_value());
  CHECK(decode_nothing(R"({"x":1})").error().what == problem::validation_error);
  CHECK(decode_nothing("x").error().what == problem::malformed_json);
}

TEST_CASE("a wish to be told is read") {
  const auto standard = decode_generate(
      R"({"theme":"rainy night","webhook":{"url":"https://hooks.customer.com/x","events":["job.started","job.success"]}})");
  const auto openclaw =
      decode_generate(R"({"webhook":{"format":"openclaw","hook":"agent","session_key":"agent:main:main","agent_id":"main",
                                            "channel":"telegram","to":"42"},"theme":"rainy night"})");

  REQUIRE(standard.has_value());
  CHECK(standard->webhook == music::webhook_request{.events = {music::webhook_event::started, music::webhook_event::success},
                                                    .url = "https://hooks.customer.com/x"});
  REQUIRE(openclaw.has_value());
  CHECK(openclaw->webhook == music::webhook_request{.format = music::webhook_format::openclaw,
                                                    .session_key = "agent:main:main",
                                                    .agent_id = "main",
                                                    .channel = "telegram",
                                                    .to = "42"});
}

TEST_CASE("what is wrong with a wish to be told is named inside of it") {
  const auto wrong = [](const std::string& webhook) {
    return wrong_field(R"({"theme":"rainy night","webhook":)" + webhook + "}");
  };

  CHECK(wrong("7") == "webhook");
  CHECK(wrong("[]") == "webhook");
  CHECK(wrong("{}") == "webhook.url");
  CHECK(wrong(R"({"url":["https://a.com/"]})") == "webhook.url");
  CHECK(wrong(R"({"url":"https://a.com/","secret":"x"})") == "webhook.secret");
  CHECK(wrong(R"({"url":"https://a.com/","format":"xml"})") == "webhook.format");
  CHECK(wrong(R"({"url":"https://a.com/","to":"x"})") == "webhook");
  CHECK(wrong(R"({"format":"openclaw","hook":"shout"})") == "webhook.hook");
  CHECK(wrong(R"({"format":"openclaw","url":"https://a.com/"})") == "webhook.url");
  CHECK(wrong(R"({"format":"openclaw","to":"x"})") == "webhook.channel");
  const std::string events =
      GENERATE(as<std::string>{}, "[]", "{}", "null", "\"job.success\"", "[1]", "[\"job.success\",null]", "[[\"job.success\"]]",
               "[{\"a\":\"job.success\"}]", "[\"job.success\",\"job.success\"]", "[\"success\"]", "[\"job.success\",{}]");
  INFO(events);
  CHECK(wrong(R"({"url":"https://a.com/","events":)" + events + "}") == "webhook.events");
}
