// How servers say that they do not take something, and what is tried next. Bodies as they are documented in the issues that
// proto-docs/providers/openai.md names.

#include "openai_codec.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;
using openai::call_shape;

namespace {

net::http_response refusal(std::string body) { return {.status = 400, .headers = {}, .body = std::move(body)}; }

std::optional<call_shape> after(const std::string& body, call_shape tried = {}) {
  return openai::next_shape(tried, refusal(body));
}

constexpr call_shape schema{};
constexpr call_shape object{openai_form::json_object, openai_limit::max_completion_tokens};
constexpr call_shape text{openai_form::text, openai_limit::max_completion_tokens};

}  // namespace

TEST_CASE("a refused json_schema leads to json_object") {
  const std::vector<std::string> bodies{
      // OpenAI for gpt-4
      R"({"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about supported models at the Structured Outputs guide","type":"invalid_request_error","param":"","code":null}})",
      // ik_llama.cpp and older llama.cpp, with status 500
      R"({"error":{"code":500,"message":"response_format type must be one of \"text\" or \"json_object\", but got: json_schema","type":"server_error"}})",
      // Volcengine
      R"({"error":{"code":"InvalidParameter","message":"invalid value: `json_schema`, supported values are: `json_object` and `text`.","param":"response_format.type","type":"BadRequest"}})",
      // llama.cpp with --jinja
      R"({"error":{"code":400,"message":"Either \"json_schema\" or \"grammar\" can be specified, but not both","type":"invalid_request_error"}})",
      // DeepSeek
      R"({"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
      // FastAPI
      R"({"detail":[{"type":"literal_error","loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'","input":"json_schema"}]})",
      // plain text
      "response_format is not supported"};
  for (const auto& body : bodies) {
    CAPTURE(body);
    CHECK(after(body) == object);
  }
}

TEST_CASE("a refused json_object leads to text, and from there nowhere") {
  const std::string lm_studio = R"({"error":"'response_format.type' must be 'json_schema' or 'text'"})";
  CHECK(after(lm_studio, object) == text);
  CHECK(
      after(
          R"({"error":{"message":"Invalid parameter: 'response_format' of type 'json_object' is not supported with this model."}})",
          object) == text);
  CHECK(!after(lm_studio, text));
}

TEST_CASE("a refused limit is told under its older name, then not at all") {
  const std::string vllm =
      R"({"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 4096}]","type":"BadRequestError","param":null,"code":400})";
  const call_shape older{openai_form::json_schema, openai_limit::max_tokens};
  CHECK(after(vllm) == older);
  CHECK(after(R"({"error":{"message":"Unrecognized request argument supplied: max_tokens"}})", older) ==
        call_shape{openai_form::json_schema, openai_limit::none});
  CHECK(!after(R"({"error":{"message":"max_tokens"}})", {openai_form::text, openai_limit::none}));
}

TEST_CASE("a context that is too small for the limit is asked without one") {
  const std::string body =
      R"({"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})";
  CHECK(after(body) == call_shape{openai_form::json_schema, openai_limit::none});
  CHECK(!after(body, {openai_form::json_schema, openai_limit::none}));
}

TEST_CASE("a refusal of the request itself changes nothing about its shape") {
  for (const std::string body :
       {"", "{}", R"({"error":{"message":"The model does not exist","code":"model_not_found"}})", "<html>bad gateway</html>"}) {
    CHECK(!after(body));
  }
}

TEST_CASE("whatever the answers say, the way down ends") {
  const std::string all = "max_completion_tokens max_tokens response_format json_schema json_object context length";
  std::optional<call_shape> shape = schema;
  int steps = 0;
  while ((shape = after(all, *shape))) ++steps;
  CHECK(steps <= 4);
}

TEST_CASE("habits only go down") {
  openai_habits habits;
  habits.learn(openai_form::text, openai_limit::max_tokens);
  habits.learn(openai_form::json_schema, openai_limit::max_completion_tokens);
  CHECK(habits.form() == openai_form::text);
  CHECK(habits.limit() == openai_limit::max_tokens);
  CHECK(openai_habits{openai_form::json_object}.form() == openai_form::json_object);
}
