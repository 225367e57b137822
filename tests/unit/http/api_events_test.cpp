// GET /jobs/<id>/events, and clients that leave while they wait.

#include "http_fixture.hpp"
#include "job_events.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

/// A client that follows a job's events.
struct follower {
  http_fixture& server;
  std::shared_ptr<wire> connection = server.connect();
  std::string unread{};

  void ask(const job_ptr& job, std::string_view more_header = {}, std::string_view version = "1.1") {
    std::string request = "GET /jobs/" + job->id.text() + "/events HTTP/";
    request.append(version).append("\r\nHost: test\r\n").append(more_header).append("\r\n");
    server.send(*connection, request);
  }

  /// The header of the answer, taken off.
  std::string take_head() {
    take_bytes();
    const auto end = unread.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    auto head = unread.substr(0, end + 2);
    unread.erase(0, end + 4);
    return head;
  }

  /// Everything that has come since, out of its chunks; "(end)" stands for the last one.
  std::string take() {
    take_bytes();
    std::string text;
    while (!unread.empty()) {
      const auto line = unread.find("\r\n");
      const auto size = std::stoul(unread.substr(0, line), nullptr, 16);
      text += size == 0 ? "(end)" : unread.substr(line + 2, size);
      unread.erase(0, line + 2 + size + 2);
    }
    return text;
  }

  void take_bytes() {
    unread += connection->outgoing;
    connection->outgoing.clear();
  }

  void leave() {
    connection->peer_ended = true;
    connection->wake();
    server.settle();
  }
};

std::string frame(std::string_view kind, const job& shown) {
  std::string text;
  http::append_event(text, kind, shown, "http://test.invalid");
  return text;
}

const std::string first_line = "retry: 3000\n\n";

}  // namespace

TEST_CASE("a stream begins with a snapshot, tells every change and ends after done") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  follower client{fixture};
  client.ask(job);

  const auto head = client.take_head();
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(head.find("Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(client.take() == first_line + frame("snapshot", *job));

  auto changed = *job;
  changed.music.polls = 5;
  fixture.jobs.put(changed);
  fixture.settle();
  CHECK(client.take() == frame("progress", *fixture.jobs.stored.at(job->id.text())));
  changed = *fixture.jobs.stored.at(job->id.text());
  changed.stage = job_stage::fetching;
  fixture.jobs.put(changed);
  fixture.settle();
  CHECK(client.take() == frame("status", *fixture.jobs.stored.at(job->id.text())));
  changed = *fixture.jobs.stored.at(job->id.text());
  changed.status = job_status::success;
  fixture.jobs.put(changed);
  fixture.settle();
  CHECK(client.take() == frame("done", *fixture.jobs.stored.at(job->id.text())) + "(end)");

  fixture.send(*client.connection, "GET /livez HTTP/1.1\r\nHost: test\r\n\r\n");  // the connection goes on
  CHECK(client.connection->outgoing.starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("a job that has ended is told whole and its stream ends") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  follower client{fixture};
  client.ask(job);

  client.take_head();
  CHECK(client.take() == first_line + frame("snapshot", *job) + frame("done", *job) + "(end)");
}

TEST_CASE("whoever comes again gets what came after the last event") {
  http_fixture fixture;
  const auto running = fixture.running_job();
  const auto finished = fixture.finished_job();
  const auto answer_after = [&](const job_ptr& job, std::string_view header) {
    follower client{fixture};
    client.ask(job, header);
    client.take_head();
    return client.take();
  };

  CHECK(answer_after(running, "Last-Event-ID: 2\r\n") == first_line + frame("status", *running));
  CHECK(answer_after(running, "Last-Event-ID: 3\r\n") == first_line);
  CHECK(answer_after(finished, "Last-Event-ID: 6\r\n") == first_line + frame("done", *finished) + "(end)");
  for (const std::string odd : {"99", "x", "-1", "3.0", "99999999999999999999999"}) {
    CHECK(answer_after(running, "Last-Event-ID: " + odd + "\r\n") == first_line + frame("snapshot", *running));
  }
}

TEST_CASE("whoever has the last event is told to stop coming") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  const auto answer = fixture.get("/jobs/" + job->id.text() + "/events", "Last-Event-ID: 7\r\n");
  CHECK(answer.status == 204);
  CHECK_FALSE(answer.headers.contains("content-type"));
  CHECK(fixture.get("/jobs/" + job->id.text() + "/events?last_event_id=7").status == 204);
}

TEST_CASE("a stream is not opened for a job that is not there") {
  http_fixture fixture;

  CHECK(fixture.get("/jobs/job_nobody/events").status == 404);
}

TEST_CASE("a silent stream shows every fifteen seconds that it is there") {
  http_fixture fixture;
  follower client{fixture};
  client.ask(fixture.running_job());
  client.take_head();
  client.take();

  fixture.pass(14s);
  CHECK(client.take().empty());
  fixture.pass(2s);
  CHECK(client.take() == ": still there\n\n");
  fixture.pass(15s);
  CHECK(client.take() == ": still there\n\n");
}

TEST_CASE("a slow reader gets the latest state, and nothing is queued for it") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  follower client{fixture};
  client.ask(job);
  client.take_head();
  client.take();
  client.connection->window = 10;

  for (int i = 0; i < 100; ++i) {
    auto changed = *fixture.jobs.stored.at(job->id.text());
    changed.music.polls = i + 1;
    fixture.jobs.put(changed);
    fixture.settle();
  }
  client.connection->window = static_cast<std::size_t>(-1);
  client.connection->wake();
  fixture.settle();

  const auto told = client.take();
  CHECK(told.find("\"polls\":1}") != std::string::npos);    // the frame that was under way
  CHECK(told.find("\"polls\":50}") == std::string::npos);
  CHECK(told.find("\"polls\":100}") != std::string::npos);  // then the state as it is
}

TEST_CASE("a reader that takes nothing is given up") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  follower client{fixture};
  client.ask(job);
  client.connection->window = 0;
  fixture.jobs.put(*job);
  fixture.settle();

  fixture.pass(19s);
  CHECK_FALSE(client.connection->closed);
  fixture.pass(3s);
  CHECK(client.connection->closed);
}

TEST_CASE("a stream ends in order when the client leaves and when the server drains") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  follower leaver{fixture};
  leaver.ask(job);
  leaver.take_head();
  leaver.take();
  follower stayer{fixture};
  stayer.ask(job);
  stayer.take_head();
  stayer.take();

  leaver.leave();
  CHECK(leaver.take() == "(end)");
  CHECK(leaver.connection->closed);

  fixture.drain(5s);
  CHECK(stayer.take() == "(end)");
  CHECK(stayer.connection->closed);
}

TEST_CASE("a stream of an erased job ends") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  follower client{fixture};
  client.ask(job);
  client.take_head();
  client.take();

  fixture.jobs.stored.clear();
  fixture.jobs.put(*fixture.finished_job());  // wakes whoever waits
  fixture.settle();

  CHECK(client.take() == "(end)");
}

TEST_CASE("a client of HTTP/1.0 reads the stream to the end of the connection") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  follower client{fixture};
  client.ask(job, "Connection: keep-alive\r\n", "1.0");

  const auto head = client.take_head();
  CHECK(head.find("Transfer-Encoding") == std::string::npos);
  CHECK(head.find("Connection: close\r\n") != std::string::npos);
  CHECK(client.unread == first_line + frame("snapshot", *job) + frame("done", *job));
  CHECK(client.connection->ended);
}

TEST_CASE("HEAD of a stream has its header only") {
  http_fixture fixture;

  const auto answer =
      fixture.ask("HEAD /jobs/" + fixture.running_job()->id.text() + "/events HTTP/1.1\r\nHost: test\r\n\r\n", true);

  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "text/event-stream");
}

TEST_CASE("a client that leaves during a long poll is noticed at once") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto connection = fixture.connect();
  fixture.send(*connection, "GET /jobs/" + job->id.text() + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=60\r\n\r\n");
  fixture.pass(2s);
  REQUIRE(connection->outgoing.empty());

  connection->peer_ended = true;
  connection->wake();
  fixture.settle();

  CHECK(parse_answers(connection->outgoing).at(0).status == 200);  // it may only have ended its sending side
  CHECK(connection->closed);
}

TEST_CASE("what comes early during a long poll that ends the connection is read away, so that no reset overtakes the answer") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto connection = fixture.connect();
  fixture.send(*connection,
               "GET /jobs/" + job->id.text() + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=60\r\nConnection: close\r\n\r\n");
  fixture.send(*connection, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");

  fixture.jobs.put(*job);
  fixture.settle();

  CHECK(parse_answers(connection->outgoing).size() == 1);
  CHECK(connection->ended);
  CHECK_FALSE(connection->closed);
  connection->peer_ended = true;
  fixture.send(*connection, "");
  CHECK(connection->closed);
}

TEST_CASE("a request that comes early during a long poll is answered after it") {
  http_fixture fixture;
  const auto job = fixture.running_job();
  auto connection = fixture.connect();
  fixture.send(*connection, "GET /jobs/" + job->id.text() + " HTTP/1.1\r\nHost: a\r\nPrefer: wait=60\r\n\r\n");
  std::string early = "GET /livez HTTP/1.1\r\nHost: a\r\nX-Padding: " + std::string(600, 'x') + "\r\n\r\n";
  fixture.send(*connection, early.substr(0, 100));
  fixture.send(*connection, early.substr(100));
  CHECK(connection->outgoing.empty());

  fixture.jobs.put(*job);
  fixture.settle();

  const auto answers = parse_answers(connection->outgoing);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].headers.at("etag") == "\"4\"");
  CHECK(answers[1].body == R"({"status":"ok"})");
}

TEST_CASE("changes have names") {
  const job before;
  auto after = before;
  CHECK(http::kind_of_change(before, after) == "progress");
  after.stage = job_stage::prompting;
  CHECK(http::kind_of_change(before, after) == "status");
  after.tracks.emplace_back();
  CHECK(http::kind_of_change(before, after) == "track");
  after.status = job_status::canceled;
  CHECK(http::kind_of_change(before, after) == "done");
}
