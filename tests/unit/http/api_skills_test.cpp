#include "http_fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

const std::string prompt_path = "/skills/chatgpt-prompt-generator";
const std::string music_path = "/skills/suno-music-generator";

boost::json::object json_of(const parsed_answer& answer) { return boost::json::parse(answer.body).as_object(); }

}  // namespace

TEST_CASE("the three skills are listed where they are served") {
  http_fixture fixture;

  const auto listed = json_of(fixture.get("/skills")).at("data").as_array();

  REQUIRE(listed.size() == 3);
  for (const auto& each : listed) {
    const std::string url{each.at("url").as_string()};
    CHECK(url.starts_with("http://test.invalid/skills/"));
    const auto answer = fixture.post(url.substr(std::string_view{"http://test.invalid"}.size()), "{}");
    CHECK(answer.status == 400);
    CHECK(json_of(answer).at("errors").at(0).at("field") == each.at("parameters").at("required").at(0));
  }
}

TEST_CASE("the prompt generator on its own gives the design document's result and makes no job") {
  http_fixture fixture;

  const auto answer = fixture.post(prompt_path, R"({"theme":" rainy night ","tags":"lofi","instrumental":true})");

  CHECK(answer.status == 200);
  const auto result = json_of(answer);
  CHECK(result.at("status") == "success");
  CHECK(result.at("theme") == "rainy night");
  CHECK(result.at("generated_prompt") == "A slow lofi beat with soft rain.");
  CHECK(result.at("model") == "gpt-4");
  CHECK(result.at("tokens_used") == 145);
  REQUIRE(fixture.prompts.asked.size() == 1);
  CHECK(fixture.prompts.asked[0].theme == "rainy night");
  CHECK(fixture.prompts.asked[0].tags == "lofi");
  CHECK(fixture.prompts.asked[0].instrumental == true);
  CHECK(fixture.prompts.given_stop != nullptr);
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("what the prompt writer refuses is the skill's result, what we refuse is an error") {
  http_fixture fixture;

  fixture.prompts.failure = errc::quota_exhausted;
  const auto refused_upstream = fixture.post(prompt_path, R"({"theme":"rainy night"})");
  fixture.prompts.failure = errc::queue_full;
  const auto too_many = fixture.post(prompt_path, R"({"theme":"rainy night"})");
  fixture.prompts.failure = errc::canceled;
  const auto draining = fixture.post(prompt_path, R"({"theme":"rainy night"})");

  CHECK(refused_upstream.status == 200);
  CHECK(json_of(refused_upstream).at("status") == "error");
  CHECK(json_of(refused_upstream).at("error_type") == "quota_exhausted");
  CHECK_FALSE(json_of(refused_upstream).contains("generated_prompt"));
  CHECK(too_many.status == 429);
  CHECK(draining.status == 503);
}

TEST_CASE("the prompt generator takes only what a prompt writer can use") {
  http_fixture fixture;

  const auto field =
      GENERATE(R"("title":"x")", R"("prompt":"a long enough prompt")", R"("seed":1)", R"("metadata":{})", R"("webhook":{})");
  const auto answer = fixture.post(prompt_path, std::string{R"({"theme":"rainy night",)"} + field + "}");

  CHECK(answer.status == 422);
  CHECK(fixture.prompts.asked.empty());
}

TEST_CASE("the music generator on its own makes a job whose prompt is given") {
  http_fixture fixture;

  const auto answer = fixture.post(music_path, R"({"prompt":" Slow lofi,\nsoft rain. ","tags":"lofi","metadata":{"ref":"17"}})",
                                   "Idempotency-Key: k-1\r\n");

  CHECK(answer.status == 202);
  CHECK(answer.headers.at("location") == "/jobs/" + fixture.jobs.stored.begin()->first);
  REQUIRE(fixture.jobs.submitted.size() == 1);
  CHECK(fixture.jobs.submitted[0].prompt == "Slow lofi,\nsoft rain.");
  CHECK(fixture.jobs.submitted[0].theme.empty());
  CHECK(fixture.jobs.submitted[0].tags == "lofi");
  CHECK(fixture.jobs.keys.at(0)->text == "k-1");
  CHECK(fixture.jobs.keys.at(0)->route == "POST /skills/suno-music-generator");
}

TEST_CASE("the music generator holds the prompt to the rules of a prompt and a theme to those of a theme") {
  http_fixture fixture;

  const auto [body, status] = GENERATE(table<std::string, unsigned>({
      {R"({"theme":"rainy night"})", 400},
      {R"({"prompt":"too short"})", 422},
      {R"({"prompt":""})", 422},
      {R"({"prompt":7})", 422},
      {R"({"prompt":"long enough \u0007 to be one"})", 422},
      {R"({"prompt":"long enough to be one","theme":"<b>"})", 422},
      {R"({"prompt":"long enough to be one","nonsense":1})", 422},
      {R"({"prompt":")" + std::string(2001, 'a') + R"("})", 422},
  }));
  INFO(body);

  CHECK(fixture.post(music_path, body).status == status);
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("the orchestrator on its own is POST /generate with a key scope of its own") {
  http_fixture fixture;

  const auto answer =
      fixture.post("/skills/music-orchestrator", R"({"theme":"rainy night","tags":"lofi"})", "Idempotency-Key: k-1\r\n");

  CHECK(answer.status == 202);
  CHECK(fixture.jobs.submitted.at(0).theme == "rainy night");
  CHECK(fixture.jobs.keys.at(0)->route == "POST /skills/music-orchestrator");
  CHECK(fixture.post("/generate", R"({"theme":"rainy night","prompt":"given as well"})").status == 422);
}

TEST_CASE("a skill that OpenClaw asks for becomes its job") {
  http_fixture fixture;

  const auto by_theme = fixture.post(
      "/webhooks/openclaw", R"({"skill":"music-orchestrator","parameters":{"theme":"rainy night","metadata":{"ref":"17"}}})",
      "Idempotency-Key: k-1\r\n");
  const auto by_prompt =
      fixture.post("/webhooks/openclaw", R"({"skill":"suno-music-generator","parameters":{"prompt":"Slow lofi, soft rain."}})");

  CHECK(by_theme.status == 202);
  CHECK(by_prompt.status == 202);
  REQUIRE(fixture.jobs.submitted.size() == 2);
  CHECK(fixture.jobs.submitted[0].theme == "rainy night");
  CHECK(fixture.jobs.submitted[0].metadata.size() == 1);
  CHECK(fixture.jobs.submitted[1].prompt == "Slow lofi, soft rain.");
  CHECK(fixture.jobs.keys.at(0)->route == "POST /webhooks/openclaw");
}

TEST_CASE("a prompt that OpenClaw asks for becomes a job of its own and is not written on the spot") {
  http_fixture fixture;

  const auto answer =
      fixture.post("/webhooks/openclaw",
                   R"({"skill":"chatgpt-prompt-generator","parameters":{"theme":" rainy night ","tags":"lofi",)"
                   R"("style":"lofi","instrumental":true},"reply":{"hook":"wake","session_key":"agent:main:main"}})",
                   "Idempotency-Key: k-1\r\n");

  CHECK(answer.status == 202);
  CHECK(json_of(answer).at("goal") == "prompt");
  CHECK(fixture.prompts.asked.empty());
  REQUIRE(fixture.jobs.submitted.size() == 1);
  generate_request expected;
  expected.goal = job_goal::prompt;
  expected.theme = "rainy night";
  expected.tags = "lofi";
  expected.style = "lofi";
  expected.instrumental = true;
  expected.webhook =
      webhook_request{.format = webhook_format::openclaw, .hook = openclaw_hook::wake, .session_key = "agent:main:main"};
  CHECK(fixture.jobs.submitted[0] == expected);
  CHECK(fixture.jobs.keys.at(0)->route == "POST /webhooks/openclaw");
}

TEST_CASE("what is wrong in OpenClaw's call is named with its place") {
  http_fixture fixture;

  const auto [body, status, field] = GENERATE(table<std::string, unsigned, std::string>({
      {R"({"parameters":{"theme":"rainy night"}})", 400, "skill"},
      {R"({"skill":"music-orchestrator"})", 400, "parameters.theme"},
      {R"({"skill":"music-orchestrator","parameters":{"theme":"a"}})", 422, "parameters.theme"},
      {R"({"skill":"music-orchestrator","parameters":[]})", 422, "parameters"},
      {R"({"skill":"music-orchestrator","parameters":{"theme":"rainy night"},"session":"x"})", 422, "session"},
      {R"({"skill":"music-orchestrator","parameters":{"theme":"rainy night","webhook":{}}})", 422, "parameters.webhook"},
      {R"({"skill":"music-orchestrator","parameters":{"theme":"rainy night"},"reply":{"nonsense":1}})", 422, "reply.nonsense"},
      {R"({"skill":"chatgpt-prompt-generator","parameters":{"prompt":"Slow lofi, soft rain."}})", 400, "parameters.theme"},
      {R"({"skill":"chatgpt-prompt-generator","parameters":{"theme":"rainy night","seed":1}})", 422, "parameters.seed"},
      {R"({"skill":"chatgpt-prompt-generator","parameters":{"theme":"rainy night","goal":"song"}})", 422, "parameters.goal"},
      {R"({"skill":"chatgpt-prompt-generator","parameters":{"theme":"rainy night","webhook":{}}})", 422, "parameters.webhook"},
      {R"({"skill":"chatgpt-prompt-generator","parameters":{"theme":"rainy night"},"reply":{"hook":"x"}})", 422, "reply.hook"},
      {R"({"skill":"nothing","parameters":{"theme":"rainy night"}})", 422, "skill"},
      {R"({"skill":7,"parameters":{"theme":"rainy night"}})", 422, "skill"},
  }));
  INFO(body);

  const auto answer = fixture.post("/webhooks/openclaw", body);

  CHECK(answer.status == status);
  CHECK(std::string{json_of(answer).at("errors").at(0).at("field").as_string()} == field);
  CHECK(fixture.jobs.submitted.empty());
}
