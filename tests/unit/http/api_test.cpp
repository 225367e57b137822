#include "http_fixture.hpp"
#include "problem.hpp"

#include <music/core/styles.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

std::string error_type(const parsed_answer& answer) {
  const std::string_view before = "\"error_type\":\"";
  const auto at = answer.body.find(before);
  if (at == std::string::npos) return {};
  const auto begin = at + before.size();
  return answer.body.substr(begin, answer.body.find('"', begin) - begin);
}

bool is_refused(const parsed_answer& answer, unsigned status, std::string_view type) {
  INFO(answer.body);
  CHECK(answer.status == status);
  CHECK(error_type(answer) == type);
  CHECK(answer.headers.at("content-type") == "application/json");
  CHECK(answer.headers.at("cache-control") == "no-store");
  return answer.status == status && error_type(answer) == type;
}

std::string path_of(const job_ptr& job) { return "/jobs/" + job->id.text(); }

const std::string theme = R"({"theme":"rainy night"})";

}  // namespace

TEST_CASE("a request becomes a job") {
  http_fixture fixture;

  const auto answer = fixture.post("/generate", theme);

  REQUIRE(fixture.jobs.submitted.size() == 1);
  CHECK(fixture.jobs.submitted[0].theme == "rainy night");
  CHECK_FALSE(fixture.jobs.keys[0]);
  const auto& id = fixture.jobs.stored.begin()->first;
  CHECK(answer.status == 202);
  CHECK(answer.headers.at("location") == "/jobs/" + id);
  CHECK(answer.headers.at("retry-after") == "2");
  CHECK(answer.headers.at("content-type") == "application/json");
  CHECK(answer.body.starts_with("{\"id\":\"" + id + "\",\"status\":\"queued\",\"done\":false"));
  CHECK_FALSE(answer.headers.contains("preference-applied"));
  CHECK_FALSE(answer.headers.contains("idempotent-replayed"));
}

TEST_CASE("a body in chunks is a body") {
  http_fixture fixture;

  const auto answer = fixture.ask(
      "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\n{\"theme\"\r\n7\r\n:\"abc\"}\r\n0\r\nX: y\r\n\r\n");

  CHECK(answer.status == 202);
}

TEST_CASE("idempotency keys are handed on without their quotes and replays are told") {
  http_fixture fixture;
  fixture.jobs.replay = true;

  const auto answer = fixture.post("/generate", theme, "Idempotency-Key: \"k-1\"\r\n");

  CHECK(answer.status == 202);
  CHECK(answer.headers.at("idempotent-replayed") == "true");
  CHECK(fixture.jobs.keys.at(0)->text == "k-1");
  CHECK(is_refused(fixture.post("/generate", theme, "Idempotency-Key: a b\r\n"), 400, "invalid_header"));
  CHECK(is_refused(fixture.post("/generate", theme, "Idempotency-Key:\r\n"), 400, "invalid_header"));
}

TEST_CASE("a client may wait until the job has ended") {
  http_fixture fixture;
  auto connection = fixture.connect();
  fixture.send(*connection,
               "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nPrefer: wait=30\r\n"
               "Content-Length: 23\r\n\r\n" +
                   theme);
  fixture.pass(10s);
  CHECK(connection->outgoing.empty());

  auto done = *fixture.jobs.stored.begin()->second;
  done.status = job_status::success;
  fixture.jobs.put(done);
  fixture.settle();

  const auto answer = parse_answers(connection->outgoing).at(0);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("preference-applied") == "wait=30");
  CHECK_FALSE(answer.headers.contains("retry-after"));
}

TEST_CASE("a wait that ends before the job does is a 202, and more than a minute is not granted") {
  http_fixture fixture;
  auto connection = fixture.connect();
  fixture.send(*connection,
               "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nPrefer: wait=3600\r\n"
               "Content-Length: 23\r\n\r\n" +
                   theme);

  fixture.pass(61s);

  const auto answer = parse_answers(connection->outgoing).at(0);
  CHECK(answer.status == 202);
  CHECK(answer.headers.at("preference-applied") == "wait=60");
}

TEST_CASE("what cannot be a request is refused with its reason") {
  http_fixture fixture;

  CHECK(is_refused(fixture.post("/generate", "{"), 400, "malformed_json"));
  CHECK(is_refused(fixture.post("/generate", ""), 400, "malformed_json"));
  CHECK(is_refused(fixture.post("/generate", "{}"), 400, "missing_parameter"));
  CHECK(is_refused(fixture.post("/generate", R"({"theme":"ab"})"), 422, "validation_error"));
  CHECK(is_refused(fixture.ask("POST /generate HTTP/1.1\r\nHost: a\r\n\r\n"), 411, "length_required"));
  CHECK(is_refused(fixture.ask("POST /generate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"), 415,
                   "unsupported_media_type"));
  CHECK(is_refused(fixture.post("/generate", theme, "Content-Encoding: gzip\r\n"), 415, "unsupported_media_type"));
  CHECK(is_refused(fixture.post("/generate", theme, "Accept: text/html\r\n"), 406, "not_acceptable"));
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("a validation error names the field and never its value") {
  http_fixture fixture;

  const auto answer = fixture.post("/generate", R"({"theme":"abc","shoe_size":"hidden-value"})");

  CHECK(answer.status == 422);
  CHECK(answer.body.find(R"("errors":[{"field":"shoe_size","message":"is not a known field"}])") != std::string::npos);
  CHECK(answer.body.find("hidden-value") == std::string::npos);
}

TEST_CASE("the errors of the engine have their statuses") {
  struct expected {
    errc code;
    unsigned status;
    const char* type;
  };
  const auto [code, status, type] = GENERATE(values<expected>({
      {errc::key_reused, 422, "idempotency_key_reused"},
      {errc::queue_full, 429, "queue_full"},
      {errc::draining, 503, "draining"},
      {errc::store_unavailable, 503, "store_unavailable"},
      {errc::invalid_argument, 422, "validation_error"},
      {errc::internal, 500, "unexpected"},
      {errc::openai_api, 500, "unexpected"},
  }));
  http_fixture fixture;
  fixture.jobs.failure = code;

  const auto answer = fixture.post("/generate", theme);

  CHECK(is_refused(answer, status, type));
  CHECK(answer.headers.contains("retry-after") == (status == 429 || status == 503));
}

TEST_CASE("a job is read from memory with its tag") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  const auto first = fixture.get(path_of(job));
  const auto second = fixture.get(path_of(job));

  CHECK(first.status == 200);
  CHECK(first.headers.at("etag") == "\"7\"");
  CHECK(first.headers.at("cache-control") == "private, no-cache");
  CHECK(first.headers.at("content-type") == "application/json");
  CHECK_FALSE(first.headers.contains("retry-after"));
  CHECK(first.body == second.body);
  CHECK(first.body.find("\"url\":\"http://test.invalid/jobs/") != std::string::npos);
}

TEST_CASE("a job that changed is rendered anew") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  const auto before = fixture.get(path_of(job));

  auto changed = *job;
  changed.stage = job_stage::fetching;
  fixture.jobs.put(changed);
  const auto after = fixture.get(path_of(job));

  CHECK(before.headers.at("etag") == "\"3\"");
  CHECK(before.headers.at("retry-after") == "2");
  CHECK(after.headers.at("etag") == "\"4\"");
  CHECK(after.body.find("\"stage\":\"fetching\"") != std::string::npos);
}

TEST_CASE("a job that is not in memory is looked up") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  const auto in_memory = fixture.get(path_of(job));
  fixture.jobs.in_memory = false;

  const auto looked_up = fixture.get(path_of(job));

  CHECK(looked_up.status == 200);
  CHECK(looked_up.body == in_memory.body);
  CHECK(looked_up.headers == [&] {
    auto same = in_memory.headers;
    same["x-request-id"] = looked_up.headers.at("x-request-id");
    return same;
  }());
}

TEST_CASE("HEAD has the header of GET and no body") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  const auto got = fixture.get(path_of(job));
  for (const bool in_memory : {true, false}) {
    fixture.jobs.in_memory = in_memory;

    const auto head = fixture.ask("HEAD " + path_of(job) + " HTTP/1.1\r\nHost: a\r\n\r\n", true);

    CHECK(head.status == 200);
    CHECK(head.headers.at("content-length") == std::to_string(got.body.size()));
    CHECK(head.headers.at("etag") == got.headers.at("etag"));
  }
}

TEST_CASE("a client that has the version gets 304") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  for (const auto* tags : {"\"7\"", "W/\"7\"", "\"1\", \"7\"", "*"}) {
    const auto answer = fixture.get(path_of(job), "If-None-Match: " + std::string{tags} + "\r\n");
    CHECK(answer.status == 304);
    CHECK(answer.headers.at("etag") == "\"7\"");
    CHECK_FALSE(answer.headers.contains("content-length"));
    CHECK(answer.body.empty());
  }
  CHECK(fixture.get(path_of(job), "If-None-Match: \"6\"\r\n").status == 200);
}

TEST_CASE("a long poll answers at the next change") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto connection = fixture.connect();
  fixture.send(*connection, "GET " + path_of(job) + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=20\r\nIf-None-Match: \"3\"\r\n\r\n");
  fixture.pass(5s);
  CHECK(connection->outgoing.empty());

  fixture.jobs.put(*job);
  fixture.settle();

  const auto answer = parse_answers(connection->outgoing).at(0);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("etag") == "\"4\"");
  CHECK(answer.headers.at("preference-applied") == "wait=20");
}

TEST_CASE("a long poll without a change is a 304 for whoever has the version") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto conditional = fixture.connect();
  auto plain = fixture.connect();
  fixture.send(*conditional, "GET " + path_of(job) + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=5\r\nIf-None-Match: \"3\"\r\n\r\n");
  fixture.send(*plain, "GET " + path_of(job) + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=5\r\n\r\n");

  fixture.pass(6s);

  CHECK(parse_answers(conditional->outgoing).at(0).status == 304);
  CHECK(parse_answers(plain->outgoing).at(0).status == 200);
}

TEST_CASE("a long poll does not wait for what is already known") {
  http_fixture fixture;
  const auto running = fixture.running_job();
  const auto finished = fixture.finished_job();

  CHECK(fixture.get(path_of(running), "Prefer: wait=20\r\nIf-None-Match: \"2\"\r\n").status == 200);
  CHECK(fixture.get(path_of(finished), "Prefer: wait=20\r\n").status == 200);
  CHECK(fixture.get(path_of(finished), "Prefer: wait=20\r\nIf-None-Match: \"7\"\r\n").status == 304);
  CHECK(fixture.get(path_of(running), "Prefer: wait=0\r\n").status == 200);
}

TEST_CASE("ids that are not ours are not found, all in the same words") {
  http_fixture fixture{{.keys = {make_key("one", "test-key-1"), make_key("two", "test-key-2")}}};
  auto others = *fixture.finished_job();
  others.owner = "two";
  fixture.jobs.put(others);
  const std::string key = "Authorization: Bearer test-key-1\r\nX-Request-Id: r\r\n";
  const auto unknown = fixture.get("/jobs/job_00000000000000000000000000000000000a", key);
  CHECK(is_refused(unknown, 404, "not_found"));

  for (const std::string& id : {others.id.text(), std::string{"x"}, std::string{"..%2f..%2fetc"}, std::string{"%00"},
                                std::string(5000, 'a'), std::string{"job_';DROP"}}) {
    INFO(id);
    CHECK(fixture.get("/jobs/" + id, key).body == unknown.body);
    CHECK(fixture.get("/jobs/" + id + "/audio", key).body == unknown.body);
    CHECK(fixture.post("/jobs/" + id + "/cancel", "", key).body == unknown.body);
    CHECK(fixture.post("/jobs/" + id + "/retry", "", key).body == unknown.body);
    CHECK(fixture.ask("DELETE /jobs/" + id + " HTTP/1.1\r\nHost: a\r\n" + key + "\r\n").body == unknown.body);
  }
}

TEST_CASE("jobs are listed by status, limit and cursor") {
  http_fixture fixture;
  const auto one = fixture.finished_job();
  const auto two = fixture.finished_job();

  const auto page = fixture.get("/jobs?status=success&limit=1&cursor=" + one->id.text().substr(4));

  CHECK(page.status == 200);
  REQUIRE(fixture.jobs.queries.size() == 1);
  CHECK(fixture.jobs.queries[0].status == job_status::success);
  CHECK(fixture.jobs.queries[0].limit == 1);
  CHECK(fixture.jobs.queries[0].cursor == one->id);
  CHECK(page.body.starts_with("{\"data\":[{\"id\":\"job_"));
  CHECK(page.body.ends_with(R"(","has_more":true})"));
  CHECK(fixture.get("/jobs").body.ends_with(R"("next_cursor":null,"has_more":false})"));
}

TEST_CASE("a parameter of the list that is wrong is named") {
  http_fixture fixture;
  for (const auto* query : {"status=done", "limit=0", "limit=101", "limit=x", "limit=", "cursor=x", "page=2", "status"}) {
    const auto answer = fixture.get("/jobs?" + std::string{query});
    const std::string name{query, std::string_view{query}.find_first_of('=') == std::string_view::npos
                                      ? std::string_view{query}.size()
                                      : std::string_view{query}.find('=')};
    CHECK(is_refused(answer, 422, "validation_error"));
    CHECK(answer.body.find("\"field\":\"" + name + "\"") != std::string::npos);
  }
}

TEST_CASE("cancelling says whether the job has ended") {
  http_fixture fixture;
  const auto running = fixture.running_job();
  const auto finished = fixture.finished_job();

  CHECK(fixture.post(path_of(running) + "/cancel", "").status == 202);
  CHECK(fixture.post(path_of(finished) + "/cancel", "{}").status == 200);
  CHECK(fixture.ask("POST " + path_of(finished) + "/cancel HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  CHECK(is_refused(fixture.post(path_of(running) + "/cancel", R"({"x":1})"), 422, "validation_error"));
}

TEST_CASE("retrying hands on what to do about a song that may be bought") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  const auto answer = fixture.post(path_of(job) + "/retry", R"({"on_unknown":"resubmit"})");
  CHECK(fixture.post(path_of(job) + "/retry", "").status == 202);

  CHECK(answer.status == 202);
  CHECK(answer.headers.at("location") == path_of(job));
  CHECK(fixture.jobs.retried == std::vector<bool>{true, false});
}

TEST_CASE("an ended job is erased, from memory too, and a running one is not") {
  http_fixture fixture;
  const auto finished = fixture.finished_job();
  const auto running = fixture.running_job();
  const auto erase = [&](const job_ptr& job) { return fixture.ask("DELETE " + path_of(job) + " HTTP/1.1\r\nHost: a\r\n\r\n"); };
  CHECK(fixture.get(path_of(finished)).status == 200);

  const auto erased = erase(finished);

  CHECK(erased.status == 204);
  CHECK_FALSE(erased.headers.contains("content-length"));
  CHECK(is_refused(fixture.get(path_of(finished)), 404, "not_found"));
  CHECK(is_refused(erase(finished), 404, "not_found"));
  CHECK(is_refused(erase(running), 409, "job_not_ended"));
}

TEST_CASE("health needs no key and everything else does") {
  http_fixture fixture{{.keys = {make_key("a", "test-key")}}};

  CHECK(fixture.get("/livez").status == 200);
  CHECK(fixture.get("/readyz").status == 200);
  for (const auto* target : {"/", "/jobs", "/jobs/x", "/openapi.yaml", "/nothing"}) {
    const auto answer = fixture.get(target);
    CHECK(is_refused(answer, 401, "unauthorized"));
    CHECK(answer.headers.at("www-authenticate") == "Bearer");
  }
  CHECK(is_refused(fixture.post("/generate", theme), 401, "unauthorized"));
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("a key is taken from the Authorization field alone and names the caller") {
  http_fixture fixture{{.keys = {make_key("first", "test-key-1"), make_key("second", "test-key-2")}}};
  const auto status_with = [&](std::string_view header) { return fixture.post("/generate", theme, header).status; };

  CHECK(status_with("Authorization: Bearer test-key-1\r\n") == 202);
  CHECK(status_with("Authorization: bearer  test-key-2\r\n") == 202);
  CHECK(fixture.jobs.submitted_by == std::vector<std::string>{"first", "second"});
  for (const auto* header :
       {"", "Authorization:\r\n", "Authorization: Bearer\r\n", "Authorization: Bearer \r\n", "Authorization: Bearer test-key\r\n",
        "Authorization: Bearer test-key-1x\r\n", "Authorization: Basic test-key-1\r\n", "Authorization: test-key-1\r\n",
        "X-Api-Key: test-key-1\r\n"}) {
    INFO(header);
    CHECK(status_with(header) == 401);
  }
  CHECK(fixture.post("/generate?key=test-key-1", theme).status == 401);
  CHECK(fixture.post("/generate", theme, "Authorization: Bearer " + std::string(10'000, 'k') + "\r\n").status == 401);
}

TEST_CASE("where no key tells callers apart a page of somewhere else can make and change nothing") {
  const std::string foreign = "Origin: http://evil.example\r\n";
  http_fixture open;
  const auto job = open.running_job();
  const auto path = "/jobs/" + job->id.text();

  CHECK(is_refused(open.post("/generate", theme, foreign), 403, "forbidden"));
  CHECK(is_refused(open.post(path + "/cancel", "", foreign), 403, "forbidden"));
  CHECK(is_refused(open.ask("DELETE " + path + " HTTP/1.1\r\nHost: a\r\n" + foreign + "\r\n"), 403, "forbidden"));
  CHECK(open.jobs.submitted.empty());
  CHECK(open.get(path, foreign).status == 200);  // no other origin can read it
  CHECK(open.post("/generate", theme, "Origin: http://localhost:3000\r\n").status == 202);

  http_fixture with_keys{{.keys = {make_key("a", "test-key")}}};
  CHECK(with_keys.post("/generate", theme, foreign + "Authorization: Bearer test-key\r\n").status == 202);
}

TEST_CASE("readiness follows the port and says when to come again") {
  http_fixture fixture;
  fixture.ready.now = "draining";
  const auto draining = fixture.get("/readyz");
  fixture.ready.now = "store_unavailable";
  const auto unavailable = fixture.get("/readyz");

  CHECK(is_refused(draining, 503, "draining"));
  CHECK(draining.headers.at("retry-after") == "5");
  CHECK(is_refused(unavailable, 503, "store_unavailable"));
  CHECK(fixture.get("/livez").status == 200);
}

TEST_CASE("the contract is served as it was built, with a tag") {
  http_fixture fixture;

  const auto document = fixture.get("/openapi.yaml");
  const auto again = fixture.get("/openapi.yaml", "If-None-Match: " + document.headers.at("etag") + "\r\n");

  CHECK(document.status == 200);
  CHECK(document.headers.at("content-type") == "application/yaml");
  CHECK(document.body.starts_with("openapi: 3.1.0\n"));
  CHECK(document.body.find("operationId: generateSong") != std::string::npos);
  CHECK(again.status == 304);
}

TEST_CASE("the styles are listed with all that a client needs to choose, and a tag") {
  http_fixture fixture;

  const auto answer = fixture.get("/styles");

  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "application/json");
  CHECK(answer.body.starts_with(R"({"data":[{"id":"lofi","name":"Lo-fi hip hop","tags":["lofi hip hop","chillhop",)"));
  CHECK(answer.body.find(R"("tempo":{"min_bpm":70,"max_bpm":88},"keys":["F major",)") != std::string::npos);
  CHECK(answer.body.find(R"("prompt_template":"{mood} lofi beat inspired by \"{theme}\", {tempo}.)") != std::string::npos);
  for (const auto& style : song_styles()) CHECK(answer.body.find(R"("id":")" + std::string{style.id} + '"') != std::string::npos);
  CHECK(fixture.get("/styles", "If-None-Match: " + answer.headers.at("etag") + "\r\n").status == 304);
  CHECK(fixture.get("/styles", "Accept: text/html\r\n").status == 406);
}

TEST_CASE("requests are counted by route and status, never by what a client made up") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  for (int i = 0; i < 3; ++i) CHECK(fixture.get(path_of(job)).status == 200);
  CHECK(fixture.get("/jobs/job_secret").status == 404);
  CHECK(fixture.get("/secret").status == 404);
  CHECK(fixture.post("/generate", theme).status == 202);

  const auto answer = fixture.get("/metrics");

  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer.body ==
        "# HELP http_requests_total Requests answered, by route and status.\n# TYPE http_requests_total counter\n"
        "http_requests_total{route=\"/jobs/{}\",status=\"200\"} 3\nhttp_requests_total{route=\"/jobs/{}\",status=\"404\"} 1\n"
        "http_requests_total{route=\"/generate\",status=\"202\"} 1\nhttp_requests_total{route=\"none\",status=\"404\"} 1\n"
        "# HELP more\n");
}

TEST_CASE("the providers are listed with what each can do, and a tag") {
  http_fixture fixture;

  const auto answer = fixture.get("/providers");

  CHECK(answer.status == 200);
  CHECK(
      answer.body ==
      R"({"data":[{"name":"able","configured":true,"paid":true,"honours":{"title":true,"lyrics":true,"negative_tags":true,)"
      R"("vocals":true,"duration_seconds":true,"seed":true,"format":true,"quality":true,"model":true},"models":["m1"],)"
      R"("formats":["mp3","wav"],"longest_duration_seconds":190,"most_lyrics":5000},)"
      R"({"name":"other","configured":false,"paid":false,"honours":{"title":false,"lyrics":false,"negative_tags":false,)"
      R"("vocals":false,"duration_seconds":false,"seed":false,"format":false,"quality":false,"model":false},"models":[],"formats":[]}]})");
  CHECK(fixture.get("/providers", "If-None-Match: " + answer.headers.at("etag") + "\r\n").status == 304);
}

TEST_CASE("a method that an endpoint does not have is told which it has") {
  http_fixture fixture;
  for (const auto* verb : {"PUT", "PATCH", "TRACE", "get", "POST", "X"}) {
    const auto answer = fixture.ask(std::string{verb} + " /jobs/x HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: GET\r\n\r\n");
    CHECK(is_refused(answer, 405, "method_not_allowed"));
    CHECK(answer.headers.at("allow") == "GET, HEAD, DELETE, OPTIONS");
  }
  CHECK(fixture.get("/generate").headers.at("allow") == "POST, OPTIONS");
}

TEST_CASE("OPTIONS tells the methods") {
  http_fixture fixture;
  const auto options = [&](const std::string& target) {
    return fixture.ask("OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
  };

  CHECK(options("/jobs/x").status == 204);
  CHECK(options("/jobs/x").headers.at("allow") == "GET, HEAD, DELETE, OPTIONS");
  CHECK(options("*").headers.at("allow") == "GET, HEAD, POST, DELETE, OPTIONS");
  CHECK(is_refused(options("/nothing"), 404, "not_found"));
}

TEST_CASE("an absolute target is read as its path") {
  http_fixture fixture;

  CHECK(fixture.get("http://evil.invalid/livez").status == 200);
  CHECK(fixture.get("http://evil.invalid").status == 200);
  CHECK(is_refused(fixture.get("ftp://evil.invalid/livez"), 400, "invalid_header"));
}

TEST_CASE("a music service calls back without a key of ours, at an address that was given to it and at no other") {
  http_fixture fixture{{.keys = {make_key("a", "test-key")}}};

  CHECK(fixture.post("/callbacks/suno/known", R"({"code":200})").status == 200);
  CHECK(is_refused(fixture.post("/callbacks/suno/unknown", R"({"code":200})"), 404, "not_found"));
  CHECK(is_refused(fixture.get("/callbacks/suno/known"), 405, "method_not_allowed"));
  CHECK(is_refused(fixture.post("/callbacks/suno/", "{}"), 401, "unauthorized"));

  REQUIRE(fixture.callbacks.received.size() == 2);
  CHECK(fixture.callbacks.received[0].first == "known");
  CHECK(fixture.callbacks.received[0].second == R"({"code":200})");
}
