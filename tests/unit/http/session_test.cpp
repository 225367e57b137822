#include "http_fixture.hpp"

#include <log_capture.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

const std::string get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string start_of_post =
    "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"theme\":";

std::string get_job(const job_ptr& job) { return "GET /jobs/" + job->id.text() + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

}  // namespace

TEST_CASE("pipelined requests are answered in order whatever the packets") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  std::string requests;
  for (int i = 0; i < 8; ++i) {
    requests += get_job(job);
    requests +=
        "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"theme\":\"abc\"}";
    requests += "GET /nothing HTTP/1.1\r\nHost: a\r\nX-Request-Id: n-" + std::to_string(i) + "\r\n\r\n";
  }

  for (std::size_t size = 1; size <= 300; size += size < 20 ? 1 : 37) {
    auto connection = fixture.connect();
    connection->most_per_read = size;
    fixture.send(*connection, requests);

    const auto answers = parse_answers(connection->outgoing);
    INFO(size);
    REQUIRE(answers.size() == 24);
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(answers[3 * i].status == 200);
      CHECK(answers[3 * i + 1].status == 202);
      CHECK(answers[3 * i + 2].status == 404);
      CHECK(answers[3 * i + 2].headers.at("x-request-id") == "n-" + std::to_string(i));
    }
    CHECK_FALSE(connection->closed);
  }
}

TEST_CASE("ten thousand pipelined requests are all answered") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  std::string requests;
  for (int i = 0; i < 10'000; ++i) requests += get_job(job);
  auto connection = fixture.connect();

  fixture.send(*connection, requests);

  CHECK(parse_answers(connection->outgoing).size() == 10'000);
}

TEST_CASE("what follows Connection: close is not looked at") {
  http_fixture fixture;
  auto connection = fixture.connect();

  fixture.send(*connection, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get_root);

  const auto answers = parse_answers(connection->outgoing);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].headers.at("connection") == "close");
  CHECK(connection->ended);
}

TEST_CASE("what follows a framing error is not looked at") {
  http_fixture fixture;
  auto connection = fixture.connect();

  fixture.send(*connection,
               "POST /generate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n" + start_of_post + "\"abc\"}");

  const auto answers = parse_answers(connection->outgoing);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].status == 400);
  CHECK(answers[0].headers.at("connection") == "close");
  CHECK(fixture.jobs.submitted.empty());
  CHECK(connection->ended);
}

TEST_CASE("HTTP/1.0 is kept alive only if the client asks") {
  http_fixture fixture;
  auto one = fixture.connect();
  auto two = fixture.connect();

  fixture.send(*one, "GET / HTTP/1.0\r\n\r\n");
  fixture.send(*two, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  CHECK(parse_answers(one->outgoing).at(0).headers.at("connection") == "close");
  CHECK(one->closed);
  CHECK(parse_answers(two->outgoing).at(0).headers.at("connection") == "keep-alive");
  CHECK_FALSE(two->closed);
}

TEST_CASE("an idle connection is closed after its time and not before") {
  http_fixture fixture;
  auto connection = fixture.connect();
  fixture.send(*connection, get_root);

  fixture.pass(59s);
  CHECK_FALSE(connection->closed);
  fixture.pass(3s);

  CHECK(connection->closed);
  CHECK(parse_answers(connection->outgoing).size() == 1);
}

TEST_CASE("a client that says nothing is closed without a word") {
  http_fixture fixture;
  auto connection = fixture.connect();

  fixture.pass(12s);

  CHECK(connection->closed);
  CHECK(connection->outgoing.empty());
}

TEST_CASE("a header that comes byte by byte has ten seconds in all") {
  http_fixture fixture;
  auto connection = fixture.connect();
  for (int i = 0; i < 9; ++i) {
    fixture.send(*connection, std::string_view{get_root}.substr(static_cast<std::size_t>(i), 1));
    fixture.pass(1s);
  }
  CHECK(connection->outgoing.empty());

  fixture.pass(3s);

  CHECK(parse_answers(connection->outgoing).at(0).status == 408);
  CHECK(connection->closed);
}

TEST_CASE("a body has twenty seconds of its own") {
  http_fixture fixture;
  auto connection = fixture.connect();
  fixture.pass(8s);
  fixture.send(*connection, start_of_post);
  for (int i = 0; i < 4; ++i) {
    fixture.pass(4s);
    fixture.send(*connection, " ");
  }
  CHECK(connection->outgoing.empty());

  fixture.pass(6s);

  CHECK(parse_answers(connection->outgoing).at(0).status == 408);
  CHECK(connection->closed);
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("a client that does not read its answer is given up") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  auto connection = fixture.connect();
  connection->window = 10;

  fixture.send(*connection, get_job(job));
  fixture.pass(19s);
  CHECK_FALSE(connection->closed);
  fixture.pass(3s);

  CHECK(connection->closed);
  CHECK(connection->outgoing.size() == 10);
}

TEST_CASE("an answer that does not fit goes on when the client reads") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  auto connection = fixture.connect();
  connection->window = 10;
  fixture.send(*connection, get_job(job));

  connection->window = 100'000;
  connection->wake();
  fixture.settle();

  CHECK(parse_answers(connection->outgoing).at(0).status == 200);
  fixture.send(*connection, get_job(job));
  CHECK(parse_answers(connection->outgoing).size() == 2);
}

TEST_CASE("a client that expects 100 gets it before its body") {
  http_fixture fixture;
  auto connection = fixture.connect();

  fixture.send(*connection,
               "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
               "Content-Length: 15\r\n\r\n");
  CHECK(connection->outgoing == "HTTP/1.1 100 Continue\r\n\r\n");
  fixture.send(*connection, "{\"theme\":\"abc\"}");

  connection->outgoing.erase(0, 25);
  CHECK(parse_answers(connection->outgoing).at(0).status == 202);
}

TEST_CASE("a client that expects 100 is refused before its body") {
  http_fixture fixture{{.keys = {make_key("a", "test-key")}}};
  const auto refusal_of = [&](std::string_view more) {
    auto connection = fixture.connect();
    fixture.send(*connection, "POST /generate HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" + std::string{more} + "\r\n");
    CHECK(connection->ended);
    return parse_answers(connection->outgoing).at(0).status;
  };
  const std::string key = "Authorization: Bearer test-key\r\n";

  CHECK(refusal_of("Content-Length: 15\r\n") == 401);
  CHECK(refusal_of(key + "Content-Length: 65537\r\n") == 413);
  CHECK(refusal_of(key + "Content-Type: text/plain\r\nContent-Length: 15\r\n") == 415);
}

TEST_CASE("an expectation other than 100 fails") {
  http_fixture fixture;

  CHECK(fixture.post("/generate", "{\"theme\":\"abc\"}", "Expect: 200-ok\r\n").status == 417);
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("the body of a refused request is read away and the connection kept") {
  http_fixture fixture;
  auto connection = fixture.connect();

  fixture.send(*connection, "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  CHECK(connection->outgoing.empty());
  fixture.send(*connection, std::string(1000, 'G') + get_root);

  const auto answers = parse_answers(connection->outgoing);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].status == 404);
  CHECK(answers[1].status == 200);
}

TEST_CASE("a client that ends in the middle of a body has asked for nothing") {
  http_fixture fixture;
  auto connection = fixture.connect();
  fixture.send(*connection, start_of_post);

  connection->peer_ended = true;
  connection->wake();
  fixture.settle();

  CHECK(connection->closed);
  CHECK(fixture.jobs.submitted.empty());
}

TEST_CASE("a client that ends after its request is answered") {
  http_fixture fixture;
  auto connection = fixture.connect();
  connection->peer_ended = true;

  fixture.send(*connection, start_of_post + "\"abc\"}");

  CHECK(parse_answers(connection->outgoing).at(0).status == 202);
  CHECK(connection->closed);
}

TEST_CASE("what a handler throws becomes a 500 and a log line") {
  log_capture capture;
  http_fixture fixture;
  fixture.jobs.throws = true;

  const auto answer = fixture.post("/generate", "{\"theme\":\"secret theme\"}");

  CHECK(answer.status == 500);
  CHECK(answer.body.find("\"unexpected\"") != std::string::npos);
  CHECK(answer.body.find("scripted") == std::string::npos);
  const auto text = capture.text();
  CHECK(text.find("scripted") != std::string::npos);
  CHECK(text.find("secret theme") == std::string::npos);
}

TEST_CASE("a request is one log line with its route and without its query") {
  log_capture capture;
  http_fixture fixture;
  const auto job = fixture.finished_job();

  static_cast<void>(fixture.get("/jobs/" + job->id.text() + "?key=hidden", "X-Request-Id: r-1\r\n"));

  const auto text = capture.text();
  CHECK(text.find("API: HTTP | Operation: /jobs/{} | Status: success | Details: {'method': 'GET', 'status': 200") !=
        std::string::npos);
  CHECK(text.find("'request_id': 'r-1'") != std::string::npos);
  CHECK(text.find("hidden") == std::string::npos);
}

TEST_CASE("every answer names its request") {
  http_fixture fixture;

  const auto kept = fixture.get("/", "X-Request-Id: my-id.1\r\n");
  const auto replaced = fixture.get("/", "X-Request-Id: not an id\r\n");
  const auto made = fixture.get("/nothing");

  CHECK(kept.headers.at("x-request-id") == "my-id.1");
  CHECK(replaced.headers.at("x-request-id").size() == 26);
  CHECK(made.headers.at("x-request-id") != replaced.headers.at("x-request-id"));
  CHECK(made.body.find(made.headers.at("x-request-id")) != std::string::npos);
  for (const auto* answer : {&kept, &replaced, &made}) {
    CHECK(answer->headers.at("x-content-type-options") == "nosniff");
    CHECK(answer->headers.at("date") == "Sun, 15 Feb 2026 10:30:45 GMT");
    CHECK_FALSE(answer->headers.contains("server"));
  }
}

TEST_CASE("past the limit the oldest idle connection makes room") {
  http_fixture fixture{{.limits = {.max_connections = 2}}};
  auto first = fixture.connect();
  auto second = fixture.connect();

  auto third = fixture.connect();
  fixture.send(*third, get_root);

  CHECK(first->closed);
  CHECK_FALSE(second->closed);
  CHECK(parse_answers(third->outgoing).at(0).status == 200);
}

TEST_CASE("past the limit and with nobody idle a connection is told to come again") {
  http_fixture fixture{{.limits = {.max_connections = 1}}};
  auto busy = fixture.connect();
  fixture.send(*busy, "GET / HT");

  auto turned_away = fixture.connect();

  const auto answer = parse_answers(turned_away->outgoing).at(0);
  CHECK(answer.status == 503);
  CHECK(answer.headers.at("retry-after") == "1");
  CHECK(turned_away->closed);
  CHECK_FALSE(busy->closed);
}

TEST_CASE("draining closes idle connections and finishes requests") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto idle = fixture.connect();
  auto waiting = fixture.connect();
  fixture.send(*waiting, "GET /jobs/" + job->id.text() + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=50\r\n\r\n");
  CHECK(waiting->outgoing.empty());

  fixture.drain(8s);

  CHECK(idle->closed);
  const auto answer = parse_answers(waiting->outgoing).at(0);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("connection") == "close");
  CHECK(waiting->closed);
}

TEST_CASE("draining gives up what is not finished in time") {
  http_fixture fixture;
  auto slow = fixture.connect();
  fixture.send(*slow, start_of_post);
  const auto begun = fixture.clock.now();

  fixture.drain(5s);

  CHECK(slow->closed);
  CHECK(fixture.clock.now() - begun <= 7s);
}
