#include "http_fixture.hpp"
#include "problem.hpp"
#include "request_reader.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

const std::string two_songs = R"({"requests":[{"theme":"rainy night"},{"theme":"sunny day"}]})";

bool tells(const parsed_answer& answer, std::string_view what) { return answer.body.find(what) != std::string::npos; }

bool is_refused(const parsed_answer& answer, unsigned status, std::string_view type) {
  INFO(answer.body);
  CHECK(answer.status == status);
  CHECK(tells(answer, "\"error_type\":\"" + std::string{type} + '"'));
  return answer.status == status;
}

/// A fixture with a batch of two that was just made.
struct made_batch : http_fixture {
  parsed_answer made = post("/batches", two_songs);
  batch_id id = batches.last.value();
  std::string path = "/batches/" + id.text();

  void end(std::size_t place, job_status as) {
    auto ended = *jobs.stored.at(id.job(place).text());
    ended.status = as;
    jobs.put(std::move(ended));
  }
};

}  // namespace

TEST_CASE_METHOD(made_batch, "requests become a batch of jobs in their order") {
  CHECK(made.status == 202);
  CHECK(made.headers.at("location") == path);
  CHECK(made.headers.at("retry-after") == "2");
  CHECK(made.headers.at("content-type") == "application/json");
  CHECK(made.headers.contains("etag"));
  CHECK_FALSE(made.headers.contains("idempotent-replayed"));
  CHECK_FALSE(made.headers.contains("preference-applied"));
  CHECK(made.body.starts_with("{\"id\":\"" + id.text() + "\",\"status\":\"queued\",\"done\":false"));
  CHECK(made.body.find(id.job(0).text()) < made.body.find(id.job(1).text()));
  REQUIRE(batches.submitted.size() == 1);
  CHECK(batches.submitted[0].at(0).theme == "rainy night");
  CHECK(batches.submitted[0].at(1).theme == "sunny day");
  CHECK(jobs.submitted.empty());
}

TEST_CASE_METHOD(made_batch, "a batch is asked for until it is done") {
  const auto going_on = get(path);
  CHECK(going_on.status == 200);
  CHECK(going_on.body == made.body);
  CHECK(going_on.headers.at("retry-after") == "2");

  end(0, job_status::success);
  end(1, job_status::success);
  const auto done = get(path);

  CHECK(tells(done, "\"status\":\"success\",\"done\":true"));
  CHECK_FALSE(done.headers.contains("retry-after"));
  CHECK(get(path + "/").status == 404);
}

TEST_CASE_METHOD(made_batch, "a batch that did not change is not sent again") {
  const auto etag = made.headers.at("etag");
  const auto unchanged = get(path, "If-None-Match: " + etag + "\r\n");
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  CHECK(unchanged.headers.at("etag") == etag);
  CHECK(unchanged.headers.at("retry-after") == "2");

  end(1, job_status::error);
  const auto changed = get(path, "If-None-Match: " + etag + "\r\n");

  CHECK(changed.status == 200);
  CHECK(changed.headers.at("etag") != etag);
}

TEST_CASE_METHOD(made_batch, "erased jobs are told as such, and a batch without any is not there") {
  jobs.stored.erase(id.job(0).text());
  const auto partly = get(path);
  CHECK(partly.status == 200);
  CHECK(tells(partly, "{\"id\":\"" + id.job(0).text() + "\",\"status\":\"erased\",\"done\":true}"));

  jobs.stored.erase(id.job(1).text());

  CHECK(is_refused(get(path), 404, "not_found"));
  CHECK(is_refused(get("/batches/batch_x"), 404, "not_found"));
}

TEST_CASE_METHOD(made_batch, "a client may wait until all jobs have ended") {
  auto connection = connect();
  send(*connection, "GET " + path + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=30\r\n\r\n");
  pass(5s);
  end(1, job_status::success);
  pass(5s);
  CHECK(connection->outgoing.empty());

  end(0, job_status::success);
  settle();

  const auto answer = parse_answers(connection->outgoing).at(0);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("preference-applied") == "wait=30");
  CHECK(tells(answer, "\"done\":true"));
}

TEST_CASE_METHOD(made_batch, "a wait ends after its time, or with the client, with what is known then") {
  auto patient = connect();
  send(*patient, "GET " + path + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=30\r\n\r\n");
  end(0, job_status::success);
  pass(32s);
  const auto late = parse_answers(patient->outgoing).at(0);
  CHECK(tells(late, "\"success\":1"));
  CHECK(tells(late, "\"done\":false"));

  auto leaving = connect();
  send(*leaving, "GET " + path + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=30\r\n\r\n");
  CHECK(leaving->outgoing.empty());
  leaving->peer_ended = true;
  leaving->wake();
  settle();

  CHECK(parse_answers(leaving->outgoing).at(0).status == 200);
}

TEST_CASE("whoever waits for the batch that it makes is answered with 200 once it is done") {
  http_fixture fixture;
  auto connection = fixture.connect();
  const auto ask = "POST /batches HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nPrefer: wait=30\r\nContent-Length: " +
                   std::to_string(two_songs.size()) + "\r\n\r\n" + two_songs;
  fixture.send(*connection, ask);
  CHECK(connection->outgoing.empty());

  for (std::size_t place = 0; place < 2; ++place) {
    auto ended = *fixture.jobs.stored.at(fixture.batches.last->job(place).text());
    ended.status = job_status::canceled;
    fixture.jobs.put(std::move(ended));
    fixture.settle();
  }

  const auto answer = parse_answers(connection->outgoing).at(0);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("location") == "/batches/" + fixture.batches.last->text());
  auto impatient = fixture.connect();
  fixture.send(*impatient, ask);
  fixture.pass(32s);
  CHECK(parse_answers(impatient->outgoing).at(0).status == 202);
}

TEST_CASE("a batch's key is handed on with its route, and a replay is told") {
  http_fixture fixture;
  fixture.batches.replay = true;

  const auto answer = fixture.post("/batches", two_songs, "Idempotency-Key: \"k-1\"\r\n");

  CHECK(answer.status == 202);
  CHECK(answer.headers.at("idempotent-replayed") == "true");
  REQUIRE(fixture.batches.keys.at(0));
  CHECK(fixture.batches.keys[0]->text == "k-1");
  CHECK(fixture.batches.keys[0]->route == "POST /batches");
  CHECK(is_refused(fixture.post("/batches", two_songs, "Idempotency-Key: a b\r\n"), 400, "invalid_header"));
}

TEST_CASE("a batch with a request that is wrong here is refused whole, with every place") {
  http_fixture fixture;

  const auto answer = fixture.post("/batches",
                                   R"({"requests":[{"theme":"rain","provider":"able"},{"theme":"rain","provider":"other"},
       {"theme":"rain","webhook":{"url":"https://a.example:99/"}},{"theme":"rain","provider":"none"}]})");

  CHECK(is_refused(answer, 422, "validation_error"));
  CHECK(tells(answer, R"("errors":[{"field":"requests[1].provider","message":"is not configured here"},)"
                      R"({"field":"requests[2].webhook.url","message":"may not be asked"},)"
                      R"({"field":"requests[3].provider","message":"is not configured here"}])"));
  CHECK(is_refused(fixture.post("/batches", "{}"), 400, "missing_parameter"));
  CHECK(is_refused(fixture.post("/batches", "[]"), 400, "malformed_json"));
  CHECK(fixture.batches.submitted.empty());
}

TEST_CASE("what the engine refuses is said as for one job") {
  http_fixture fixture;
  const std::vector<std::tuple<errc, unsigned, std::string>> cases{{errc::queue_full, 429, "queue_full"},
                                                                   {errc::draining, 503, "draining"},
                                                                   {errc::store_unavailable, 503, "store_unavailable"},
                                                                   {errc::key_reused, 422, "idempotency_key_reused"},
                                                                   {errc::key_spent, 409, "idempotency_key_in_use"}};
  for (const auto& [code, status, type] : cases) {
    fixture.batches.failure = code;
    const auto answer = fixture.post("/batches", two_songs);
    CHECK(is_refused(answer, status, type));
    CHECK(answer.headers.contains("retry-after") == (status == 429 || status == 503));
  }
  CHECK(is_refused(fixture.get("/batches/batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk02"), 409, "idempotency_key_in_use"));
}

TEST_CASE("methods, pages of other origins and media types are refused as everywhere") {
  http_fixture fixture;

  CHECK(fixture.get("/batches").status == 405);
  CHECK(fixture.get("/batches").headers.at("allow") == "POST, OPTIONS");
  CHECK(fixture.post("/batches/x", "{}").status == 405);
  CHECK(is_refused(fixture.post("/batches", two_songs, "Origin: https://evil.example\r\n"), 403, "forbidden"));
  CHECK(fixture.ask("POST /batches HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}").status ==
        415);
  CHECK(fixture.ask("POST /batches HTTP/1.1\r\nHost: a\r\n\r\n").status == 411);
  CHECK(fixture.batches.submitted.empty());
}

TEST_CASE("the body of a batch may be larger than others, for whoever is let in") {
  http::http_options options;
  options.keys.push_back(make_key("alice", "secret"));
  http_fixture fixture{options};
  const auto announce = [](std::string_view path, std::size_t size, std::string_view key) {
    return "POST " + std::string{path} + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
           std::string{key} + "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  const auto first_line = [&](const std::string& head) {
    auto connection = fixture.connect();
    fixture.send(*connection, head);
    return connection->outgoing.substr(0, connection->outgoing.find("\r\n"));
  };

  CHECK(first_line(announce("/batches", http::batch_body_limit, "secret")) == "HTTP/1.1 100 Continue");
  CHECK(first_line(announce("/batches", http::batch_body_limit + 1, "secret")).starts_with("HTTP/1.1 413"));
  CHECK(first_line(announce("/generate", http::body_limit + 1, "secret")).starts_with("HTTP/1.1 413"));
  CHECK(first_line(announce("/batches", http::body_limit + 1, "wrong")).starts_with("HTTP/1.1 413"));
  CHECK(first_line(announce("/batches", http::body_limit, "wrong")).starts_with("HTTP/1.1 401"));
}

TEST_CASE("a job that belongs to a batch names it") {
  http_fixture fixture;
  REQUIRE(fixture.post("/batches", two_songs).status == 202);
  const auto id = fixture.batches.last.value();

  CHECK(tells(fixture.get("/jobs/" + id.job(1).text()), "\"batch_id\":\"" + id.text() + "\""));
  CHECK_FALSE(tells(fixture.post("/generate", R"({"theme":"rain"})"), "batch_id"));
}
