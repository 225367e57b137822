#include "batch_json.hpp"
#include "request_json.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace music;
using namespace music::http;

namespace {

std::string batch_of(std::string_view element, std::size_t count) {
  std::string body = R"({"requests":[)";
  for (std::size_t i = 0; i < count; ++i) body.append(i == 0 ? "" : ",").append(element);
  return body + "]}";
}

/// "<problem>: <field>, <field>"
std::string refusal_of(std::string_view body) {
  const auto decoded = decode_batch(body);
  if (decoded) return "accepted";
  std::string told{describe(decoded.error().what).error_type};
  for (const auto& wrong : decoded.error().fields) told.append(told.ends_with("error") ? ": " : ", ").append(wrong.field);
  return told;
}

constexpr std::string_view rain = R"({"theme":"rainy night"})";

}  // namespace

TEST_CASE("every request of a batch is read as POST /generate reads its own") {
  const auto decoded = decode_batch(R"({"requests":[
    {"theme":"  rainy night ","metadata":{"a":"1","b":"2"},"seed":7},
    {"webhook":{"url":"https://a.example/","events":["job.success"]},"theme":"caf\u00e9","instrumental":true}]})");

  REQUIRE(decoded.has_value());
  REQUIRE(decoded->size() == 2);
  CHECK(decoded->front().theme == "rainy night");
  CHECK(decoded->front().metadata.size() == 2);
  CHECK(decoded->front().seed == 7U);
  CHECK(decoded->back().theme == "caf\xc3\xa9");
  CHECK(decoded->back().instrumental == true);
  REQUIRE(decoded->back().webhook);
  CHECK(decoded->back().webhook->events == std::vector{webhook_event::success});
}

TEST_CASE("a batch has one to a hundred requests") {
  CHECK(decode_batch(batch_of(rain, 1)).value().size() == 1);
  CHECK(decode_batch(batch_of(rain, 100)).value().size() == 100);
  for (const auto& body : {batch_of(rain, 0), batch_of(rain, 101), batch_of("7", 101), batch_of("[]", 5000)}) {
    CHECK(refusal_of(body) == "validation_error: requests");
  }
}

TEST_CASE("what is not a list of objects is refused at its place") {
  for (const auto* body : {R"({"requests":{}})", R"({"requests":null})", R"({"requests":"x"})", R"({"requests":{"0":[]}})"}) {
    CHECK(refusal_of(body) == "validation_error: requests");
  }
  CHECK(
      refusal_of(R"({"requests":[{"theme":"rain"},7,[{"theme":"rain"}],null,"x",true,1.5,-1,[[]]]})") ==
      "validation_error: requests[1], requests[2], requests[3], requests[4], requests[5], requests[6], requests[7], requests[8]");
}

TEST_CASE("a field that is wrong is named with the place of its request, and never its value") {
  const auto decoded = decode_batch(
      R"({"requests":[{"theme":"rain"},{"theme":"x"},{"tags":"lofi"},{"theme":"rain","colour":"secret"},
          {"theme":"rain","metadata":{"a":5}},{"theme":"rain","webhook":{"url":"https://a.example/","colour":1}},
          {"theme":"rain","prompt":"a prompt of its own"}]})");

  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().what == problem::validation_error);
  const std::vector<field_error> expected{
      {"requests[1].theme", "must have 3 to 500 characters"}, {"requests[2].theme", "is required"},
      {"requests[3].colour", "is not a known field"},         {"requests[4].metadata", "must be an object of strings"},
      {"requests[5].webhook.colour", "is not a known field"}, {"requests[6].prompt", "is not a known field"}};
  CHECK(decoded.error().fields == expected);
}

TEST_CASE("at most twenty wrong fields are told") {
  const auto decoded = decode_batch(batch_of(R"({"theme":"rain","a":1,"b":1,"c":1})", 100));

  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().fields.size() == most_batch_errors);
  CHECK(decoded.error().fields.back().field == "requests[6].b");
  std::string many = R"({"requests":[{"theme":"rain"}])";
  for (int i = 0; i < 100; ++i) many += ",\"field" + std::to_string(i) + "\":1";
  CHECK(decode_batch(many + "}").error().fields.size() == most_batch_errors);
}

TEST_CASE("beside its requests a batch has nothing") {
  CHECK(refusal_of(R"({"requests":[{"theme":"rain"}],"webhook":{"url":"https://a.example/"}})") == "validation_error: webhook");
  CHECK(refusal_of(R"({"requests":[],"colour":[{"theme":"rain"}]})") == "validation_error: requests, colour");
  const auto empty = decode_batch("{}");
  REQUIRE_FALSE(empty.has_value());
  CHECK(empty.error().what == problem::missing_parameter);
  CHECK(empty.error().fields.front().field == "requests");
  CHECK(decode_batch(R"({"Requests":[{"theme":"rain"}]})").error().what == problem::missing_parameter);
}

TEST_CASE("a request means the same alone and in a batch") {
  for (const std::string body :
       {R"({"theme":"rain"})",
        R"( {"theme" : "rain","metadata":{"a":"1"},"seed":5.0,"webhook":{"url":"https://a.example/","events":[]}} )",
        R"({"theme":"rain","lyrics":"[Verse]\nRain","tags":"a, b","deadline_seconds":60})", R"({})", R"({"theme":7})",
        R"({"theme":"x"})", R"({"theme":"rain","metadata":[{"a":{"b":[1]}}]})",
        R"({"theme":"rain","webhook":{"events":["job.success","job.success"]}})", R"({"theme":"rain","x":{"theme":"rain"}})",
        R"({"theme":"rain","seed":1e400})", R"({"theme":"rain\u0000"})"}) {
    INFO(body);
    const auto alone = decode_generate(body);
    const auto in_batch = decode_batch("{\"requests\":[" + body + "]}");
    REQUIRE(alone.has_value() == in_batch.has_value());
    if (alone) CHECK(*in_batch == std::vector{*alone});
    if (!alone) CHECK(in_batch.error().fields == at_place(0, alone.error().fields));
  }
}

TEST_CASE("a batch is held to the rules of JSON that a request is held to") {
  for (const auto* body :
       {"", "[]", "[{\"theme\":\"rain\"}]", R"({"requests":[{"theme":"rain"}]} x)", R"({"requests":[{"theme":"rain"},]})",
        R"({"requests":[{"theme":"rain","theme":"rain"}]})", R"({"requests":[{"theme":"rain","\u0074heme":"rain"}]})",
        R"({"requests":[{"theme":"rain"}],"requests":[{"theme":"rain"}]})",
        R"({"requests":[{"theme":"rain","metadata":{"a":"1","a":"2"}}]})", R"({"requests":[[{"a":1,"a":2}]]})",
        "{\"requests\":[{\"theme\":\"rain\xff\"}]}", R"({"requests":[{"theme":"\ud800"}]})", R"({"requests":[{"theme":"rain"})",
        R"({"requests":[{"theme":"rain"}})"}) {
    INFO(body);
    const auto decoded = decode_batch(body);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().what == problem::malformed_json);
  }
}

TEST_CASE("a request in a batch may be as deep as one alone, and not deeper") {
  const auto nested = [](std::size_t lists) {
    return R"({"requests":[{"theme":"rain","x":)" + std::string(lists, '[') + std::string(lists, ']') + "}]}";
  };

  CHECK(refusal_of(nested(7)) == "validation_error: requests[0].x");
  CHECK(refusal_of(nested(8)) == "malformed_json");
}

TEST_CASE("an object with 256 members is read and one with more is not") {
  const auto with_members = [](int count) {
    std::string body = R"({"requests":[{"theme":"rain")";
    for (int i = 1; i < count; ++i) body += ",\"m" + std::to_string(i) + "\":1";
    return body + "}]}";
  };

  CHECK(decode_batch(with_members(256)).error().what == problem::validation_error);
  CHECK(decode_batch(with_members(257)).error().what == problem::malformed_json);
}

TEST_CASE("a batch tells its jobs in short, in their order, and those that are gone") {
  seeded_random random{1};
  const auto id = batch_id::make(random, wall_time{std::chrono::milliseconds{1'764'140'268'854}}, 3);
  auto song = std::make_shared<job>();
  song->id = id.job(0);
  song->owner = "alice";
  song->request.theme = "rainy night";
  song->status = job_status::success;
  song->stage = job_stage::finished;
  song->version = 9;
  song->tracks.emplace_back();
  auto failed = std::make_shared<job>();
  failed->id = id.job(2);
  failed->status = job_status::error;
  failed->failure = failure_kind::music_generation_failed;
  failed->completed_at = wall_time{std::chrono::milliseconds{1'764'140'300'000}};

  const auto body = render_batch({id, {song, nullptr, failed}}, "https://music.example");

  const auto told = boost::json::parse(body);
  const auto expected =
      boost::json::parse(R"({"id":")" + id.text() + R"(","status":"partial","done":true,"created_at":"2025-11-26T06:57:48.854Z",
          "completed_at":"2025-11-26T06:58:20.000Z",
          "counts":{"queued":0,"running":0,"canceling":0,"success":1,"error":1,"canceled":0,"expired":0,"erased":1},
          "jobs":[{"id":")" +
                         id.job(0).text() + R"(","status":"success","done":true,"stage":"finished","version":9,
                   "download_url":"https://music.example/jobs/)" +
                         id.job(0).text() + R"(/audio",
                   "urls":{"self":"https://music.example/jobs/)" +
                         id.job(0).text() + R"("}},
                  {"id":")" +
                         id.job(1).text() + R"(","status":"erased","done":true},
                  {"id":")" +
                         id.job(2).text() + R"(","status":"error","done":true,"stage":"accepted","version":1,
                   "error_type":"music_generation_failed","urls":{"self":"https://music.example/jobs/)" +
                         id.job(2).text() + R"("}}],
          "urls":{"self":"https://music.example/batches/)" +
                         id.text() + R"("}})");
  CHECK(told == expected);
}
