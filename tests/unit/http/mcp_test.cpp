#include "http_fixture.hpp"
#include "mcp_message.hpp"
#include "mcp_tools.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

std::string text(const json::value& value) { return std::string{value.as_string()}; }

struct mcp_fixture : http_fixture {
  using http_fixture::http_fixture;

  json::object handshake_call(std::string_view method, std::string_view params) {
    const auto answer =
        post("/mcp", R"({"jsonrpc":"2.0","id":7,"method":")" + std::string{method} + R"(","params":)" + std::string{params} + "}",
             "MCP-Protocol-Version: 2025-11-25\r\n");
    last_status = answer.status;
    return json::parse(answer.body).as_object();
  }

  json::object tool(std::string_view name, std::string_view arguments) {
    auto answer =
        handshake_call("tools/call", R"({"name":")" + std::string{name} + R"(","arguments":)" + std::string{arguments} + "}");
    return answer.at("result").as_object();
  }

  json::object stateless(std::string body, std::string_view headers) {
    const auto answer = post("/mcp", body, headers);
    last_status = answer.status;
    return json::parse(answer.body).as_object();
  }

  unsigned last_status = 0;
};

constexpr std::string_view meta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

std::string stateless_body(std::string_view method, std::string_view more = {}) {
  return R"({"jsonrpc":"2.0","id":"q","method":")" + std::string{method} + R"(","params":{)" + std::string{more} +
         std::string{meta} + "}}";
}

std::string mirrored(std::string_view method, std::string_view more = {}) {
  return "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + std::string{method} + "\r\n" + std::string{more};
}

}  // namespace

TEST_CASE_METHOD(mcp_fixture, "the handshake agrees on a version that both speak") {
  const auto [asked, agreed] = GENERATE(table<std::string, std::string>(
      {{"2025-11-25", "2025-11-25"}, {"2025-06-18", "2025-06-18"}, {"2024-11-05", "2025-11-25"}, {"2026-07-28", "2025-11-25"}}));

  const auto answer = json::parse(post("/mcp", R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
                                                   asked + R"(","capabilities":{},"clientInfo":{"name":"c","version":"1"}}})")
                                      .body);

  CHECK(answer.at("id") == 0);
  CHECK(text(answer.at("result").at("protocolVersion")) == agreed);
  CHECK(answer.at("result").at("serverInfo").at("name") == "openclaw-music");
  CHECK(post("/mcp", R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status == 202);
  CHECK(handshake_call("ping", "{}").at("result").as_object().empty());
}

TEST_CASE_METHOD(mcp_fixture, "the tools have names, schemas and annotations, in both eras") {
  const auto old_tools = handshake_call("tools/list", "{}").at("result").as_object();
  const auto new_tools = stateless(stateless_body("tools/list"), mirrored("tools/list")).at("result").as_object();

  CHECK(old_tools.at("tools") == new_tools.at("tools"));
  CHECK_FALSE(old_tools.contains("resultType"));
  CHECK(new_tools.at("resultType") == "complete");
  CHECK(new_tools.at("_meta").at("io.modelcontextprotocol/serverInfo").at("name") == "openclaw-music");
  CHECK(new_tools.at("cacheScope") == "public");
  for (const auto& each : new_tools.at("tools").as_array()) {
    CHECK(each.at("inputSchema").at("type") == "object");
    CHECK(each.at("annotations").as_object().contains("readOnlyHint"));
    const bool needs_nothing = each.at("name") == "list_styles";
    CHECK(each.at("outputSchema").at("properties").as_object().contains(needs_nothing ? "styles" : "done"));
    CHECK(tool(each.at("name").as_string(), "{}").at("isError") == !needs_nothing);
  }
}

TEST_CASE_METHOD(mcp_fixture, "generate_music stores a job at once and scopes its key to this route") {
  const auto result =
      tool("generate_music", R"({"theme":"rainy night","tags":"lofi","metadata":{"ref":"17"},"idempotency_key":"song-1"})");

  REQUIRE(jobs.submitted.size() == 1);
  CHECK(jobs.submitted[0].theme == "rainy night");
  CHECK(jobs.submitted[0].metadata == std::vector<std::pair<std::string, std::string>>{{"ref", "17"}});
  CHECK(jobs.keys.at(0)->text == "song-1");
  CHECK(jobs.keys.at(0)->route == "POST /mcp");
  CHECK(result.at("isError") == false);
  const auto& job = result.at("structuredContent").as_object();
  CHECK(text(job.at("job_id")) == jobs.stored.begin()->first);
  CHECK(job.at("done") == false);
  CHECK(json::parse(text(result.at("content").at(0).at("text"))) == result.at("structuredContent"));
}

TEST_CASE_METHOD(mcp_fixture, "a finished job has links to its audio") {
  const auto done = finished_job();

  const auto result = tool("get_music_job", R"({"job_id":")" + done->id.text() + R"("})");

  const auto url = "http://test.invalid/jobs/" + done->id.text() + "/tracks/0/audio";
  CHECK(text(result.at("structuredContent").at("tracks").at(0).at("url")) == url);
  CHECK(result.at("content").at(1).at("type") == "resource_link");
  CHECK(text(result.at("content").at(1).at("uri")) == url);
}

TEST_CASE_METHOD(mcp_fixture, "a job for its prompt hands that over and has no audio to fetch") {
  auto written = *finished_job();
  written.request.goal = job_goal::prompt;
  written.tracks.clear();
  written.music = {};
  jobs.put(written);

  const auto result = tool("get_music_job", R"({"job_id":")" + written.id.text() + R"("})");

  const auto& job = result.at("structuredContent").as_object();
  CHECK(text(job.at("generated_prompt")) == written.prompt.text);
  CHECK_FALSE(job.contains("download_url"));
  CHECK(text(job.at("next")).find("track") == std::string::npos);
  CHECK(result.at("content").as_array().size() == 1);
}

TEST_CASE_METHOD(mcp_fixture, "list_styles gives ids that generate_music can be asked for") {
  const auto styles = tool("list_styles", "{}").at("structuredContent").at("styles").as_array();

  REQUIRE(styles.size() > 10);
  CHECK(tool("generate_music", R"({"theme":"rainy night","style":")" + text(styles.front().at("id")) + R"("})").at("isError") ==
        false);
}

TEST_CASE_METHOD(mcp_fixture, "wrong arguments are the tool's result, named and without their values") {
  const auto [name, arguments, field] = GENERATE(table<std::string, std::string, std::string>({
      {"generate_music", R"({"theme":"<secret>"})", "theme"},
      {"generate_music", R"({"theme":"rainy night","wait_seconds":26})", "wait_seconds"},
      {"generate_music", R"({"theme":"rainy night","wait_seconds":1.5})", "wait_seconds"},
      {"generate_music", R"({"theme":"rainy night","idempotency_key":""})", "idempotency_key"},
      {"generate_music", R"({"theme":"rainy night","prompt":"not a field of this tool"})", "prompt"},
      {"generate_music", R"({"theme":"rainy night","webhook":{"url":"https://example.org"}})", "webhook"},
      {"get_music_job", R"({"job_id":7})", "job_id"},
      {"get_music_job", R"({"wait_seconds":1})", "job_id"},
      {"cancel_music_job", R"({"job_id":"x","wait_seconds":1})", "wait_seconds"},
  }));
  INFO(name << arguments);

  const auto result = tool(name, arguments);

  CHECK(result.at("isError") == true);
  const auto told = text(result.at("content").at(0).at("text"));
  CHECK(told.find("\n" + field + ": ") != std::string::npos);
  CHECK(told.find("secret") == std::string::npos);
  CHECK(jobs.submitted.empty());
}

TEST_CASE_METHOD(mcp_fixture, "what the engine refuses is the tool's result too") {
  CHECK(tool("get_music_job", R"({"job_id":"job_nobody"})").at("isError") == true);
  CHECK(tool("cancel_music_job", R"({"job_id":"job_nobody"})").at("isError") == true);
  jobs.failure = errc::queue_full;

  const auto result = tool("generate_music", R"({"theme":"rainy night"})");

  CHECK(last_status == 200);
  CHECK(result.at("isError") == true);
  CHECK(text(result.at("content").at(0).at("text")).starts_with("queue_full: "));
}

TEST_CASE_METHOD(mcp_fixture, "a call may wait for the end, and a job that has not ended by then is shown as it is") {
  const auto job = running_job();
  auto connection = connect();
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_music_job","arguments":{"job_id":")" +
      job->id.text() + R"(","wait_seconds":25}}})";
  send(*connection, "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body);

  pass(24s);
  CHECK(connection->outgoing.empty());
  pass(2s);

  REQUIRE_FALSE(connection->outgoing.empty());
  const auto answers = parse_answers(connection->outgoing);
  CHECK(json::parse(answers.at(0).body).at("result").at("structuredContent").at("done") == false);
}

TEST_CASE_METHOD(mcp_fixture, "without a handshake, version, method and name must be the same in header and body") {
  const auto call = stateless_body("tools/call", R"("name":"get_music_job","arguments":{"job_id":"x"},)");
  const auto [body, headers, status, code] = GENERATE_COPY(table<std::string, std::string, unsigned, int>({
      {stateless_body("tools/list"), mirrored("tools/list"), 200, 0},
      {stateless_body("server/discover"), mirrored("server/discover"), 200, 0},
      {call, mirrored("tools/call", "Mcp-Name: get_music_job\r\n"), 200, 0},
      {call, mirrored("tools/call", "Mcp-Name: =?base64?Z2V0X211c2ljX2pvYg==?=\r\n"), 200, 0},
      {call, mirrored("tools/call", "Mcp-Name: =?base64?Z2V0X211c2ljX2pvYg=?=\r\n"), 400, -32020},
      {call, mirrored("tools/call", "Mcp-Name: generate_music\r\n"), 400, -32020},
      {call, mirrored("tools/call"), 400, -32020},
      {stateless_body("tools/list"), mirrored("tools/call"), 400, -32020},
      {stateless_body("tools/list"), "MCP-Protocol-Version: 2026-07-28\r\n", 400, -32020},
      {stateless_body("tools/list"), "Mcp-Method: tools/list\r\n", 400, -32020},
      {R"({"jsonrpc":"2.0","id":"q","method":"tools/list"})", mirrored("tools/list"), 400, -32602},
      {stateless_body("initialize"), mirrored("initialize"), 404, -32601},
      {stateless_body("ping"), mirrored("ping"), 404, -32601},
      {stateless_body("tools/call", R"("name":"nothing","arguments":{},)"), mirrored("tools/call", "Mcp-Name: nothing\r\n"), 400,
       -32602},
  }));
  INFO(body << headers);

  const auto answer = stateless(body, headers);

  CHECK(last_status == status);
  CHECK(answer.at("id") == "q");
  CHECK((code == 0 ? answer.contains("result") : answer.at("error").at("code") == code));
}

TEST_CASE_METHOD(mcp_fixture, "a version that nobody speaks is refused with those that we do") {
  std::string body = stateless_body("server/discover");
  body.replace(body.find("2026-07-28"), 10, "2099-01-01");

  const auto answer = stateless(body, "MCP-Protocol-Version: 2099-01-01\r\nMcp-Method: server/discover\r\n");

  CHECK(last_status == 400);
  CHECK(answer.at("error").at("code") == -32022);
  CHECK(answer.at("error").at("data").at("requested") == "2099-01-01");
  const auto supported =
      stateless(stateless_body("server/discover"), mirrored("server/discover")).at("result").at("supportedVersions");
  CHECK(answer.at("error").at("data").at("supported") == supported);
  CHECK(post("/mcp", R"({"jsonrpc":"2.0","id":1,"method":"ping"})", "MCP-Protocol-Version: 1999-01-01\r\n").status == 400);
}

TEST_CASE_METHOD(mcp_fixture, "what is no message of ours is a fault without an id") {
  const auto [body, code] = GENERATE(table<std::string, int>({
      {"{", -32700},
      {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", -32700},
      {R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", -32600},
      {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600},
      {R"({"jsonrpc":"2.0","id":1})", -32600},
      {R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600},
      {R"({"jsonrpc":"2.0","id":1e300,"method":"ping"})", -32600},
  }));
  INFO(body);

  const auto answer = post("/mcp", body);

  CHECK(answer.status == 400);
  CHECK(json::parse(answer.body).at("error").at("code") == code);
  CHECK_FALSE(json::parse(answer.body).as_object().contains("id"));
}

TEST_CASE_METHOD(mcp_fixture, "a page of somewhere else may not speak to us, one of this machine may") {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  for (const auto* const origin : {"http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443", "http://test.invalid"}) {
    CHECK(post("/mcp", ping, std::string{"Origin: "} + origin + "\r\n").status == 200);
  }
  for (const auto* const origin :
       {"http://evil.example", "http://localhost.evil.example", "https://test.invalid", "null", "http://test.invalid.evil", ""}) {
    INFO(origin);
    CHECK(post("/mcp", ping, std::string{"Origin: "} + origin + "\r\n").status == 403);
  }
}

TEST_CASE("MCP asks for the same keys as everything else and has no stream to read") {
  mcp_fixture fixture{http::http_options{.keys = {make_key("one", "test-key-1")}}};
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

  CHECK(fixture.post("/mcp", ping).status == 401);
  CHECK(fixture.post("/mcp", ping, "Authorization: Bearer test-key-1\r\n").status == 200);
  const auto got = fixture.get("/mcp", "Authorization: Bearer test-key-1\r\nAccept: text/event-stream\r\n");
  CHECK(got.status == 405);
  CHECK(got.headers.at("allow") == "POST, OPTIONS");
}
