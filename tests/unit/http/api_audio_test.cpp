#include "http_fixture.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;
using namespace std::chrono_literals;

namespace {

std::string audio_of(const job_ptr& job) { return "/jobs/" + job->id.text() + "/audio"; }

std::string etag_of(const job_ptr& job) { return '"' + job->tracks[0].sha256 + '"'; }

}  // namespace

TEST_CASE("a song is served whole with its description") {
  http_fixture fixture;
  const auto job = fixture.finished_job("0123456789");

  const auto answer = fixture.get(audio_of(job));

  CHECK(answer.status == 200);
  CHECK(answer.body == "0123456789");
  CHECK(answer.headers.at("content-type") == "audio/mpeg");
  CHECK(answer.headers.at("content-length") == "10");
  CHECK(answer.headers.at("accept-ranges") == "bytes");
  CHECK(answer.headers.at("etag") == etag_of(job));
  CHECK(answer.headers.at("content-disposition") == "inline; filename=\"Rainy Night.mp3\"");
}

TEST_CASE("a part of a song is served alone") {
  http_fixture fixture;
  const auto job = fixture.finished_job("0123456789");

  const auto middle = fixture.get(audio_of(job), "Range: bytes=2-4\r\n");
  const auto end = fixture.get(audio_of(job), "Range: bytes=-3\r\n");
  const auto outside = fixture.get(audio_of(job), "Range: bytes=10-\r\n");
  const auto several = fixture.get(audio_of(job), "Range: bytes=0-1,3-4\r\n");

  CHECK(middle.status == 206);
  CHECK(middle.body == "234");
  CHECK(middle.headers.at("content-range") == "bytes 2-4/10");
  CHECK(end.body == "789");
  CHECK(end.headers.at("content-range") == "bytes 7-9/10");
  CHECK(outside.status == 416);
  CHECK(outside.headers.at("content-range") == "bytes */10");
  CHECK(outside.body.find("\"range_not_satisfiable\"") != std::string::npos);
  CHECK(several.status == 200);
  CHECK(several.body == "0123456789");
}

TEST_CASE("a range goes on only with the file that it began with") {
  http_fixture fixture;
  const auto job = fixture.finished_job("0123456789");
  const auto status_with = [&](const std::string& tag) {
    return fixture.get(audio_of(job), "Range: bytes=5-\r\nIf-Range: " + tag + "\r\n").status;
  };

  CHECK(status_with(etag_of(job)) == 206);
  CHECK(status_with("\"other\"") == 200);
  CHECK(status_with("W/" + etag_of(job)) == 200);
  CHECK(status_with("Sun, 06 Nov 1994 08:49:37 GMT") == 200);
}

TEST_CASE("HEAD describes the whole song and sends nothing of it") {
  http_fixture fixture;
  const auto job = fixture.finished_job("0123456789");

  const auto answer = fixture.ask("HEAD " + audio_of(job) + " HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n", true);

  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-length") == "10");
  CHECK(answer.headers.at("etag") == etag_of(job));
}

TEST_CASE("whoever has the song gets 304") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  CHECK(fixture.get(audio_of(job), "If-None-Match: " + etag_of(job) + "\r\n").status == 304);
  CHECK(fixture.get(audio_of(job), "If-None-Match: \"other\"\r\n").status == 200);
}

TEST_CASE("only tracks that are there have audio") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  const auto running = fixture.running_job();
  const auto track = [&](const std::string& number) {
    return fixture.get("/jobs/" + job->id.text() + "/tracks/" + number + "/audio").status;
  };

  CHECK(track("0") == 200);
  for (const auto* number : {"1", "-1", "00", "0x0", "a", "99999999999999999999999", "%30"}) CHECK(track(number) == 404);
  CHECK(fixture.get(audio_of(running)).status == 404);
  fixture.audio.files.clear();
  CHECK(track("0") == 404);
}

TEST_CASE("a long song is streamed in pieces as fast as the client reads") {
  http_fixture fixture;
  std::string song;
  while (song.size() < 1'000'000) song += std::to_string(song.size()) + ",";
  const auto job = fixture.finished_job(song);
  auto connection = fixture.connect();
  connection->window = 100'000;
  fixture.send(*connection, "GET " + audio_of(job) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(connection->outgoing.size() == 100'000);

  while (connection->outgoing.size() < song.size()) {
    fixture.pass(15s);
    REQUIRE_FALSE(connection->closed);
    connection->window = 100'000;
    connection->wake();
    fixture.settle();
  }

  CHECK(parse_answers(connection->outgoing).at(0).body == song);
  CHECK(fixture.audio.largest_read == 65'536);
  fixture.send(*connection, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(parse_answers(connection->outgoing).size() == 2);
}

TEST_CASE("a client that stops reading a song is given up") {
  http_fixture fixture;
  const auto job = fixture.finished_job(std::string(1'000'000, 'x'));
  auto connection = fixture.connect();
  connection->window = 100'000;
  fixture.send(*connection, "GET " + audio_of(job) + " HTTP/1.1\r\nHost: a\r\n\r\n");

  fixture.pass(22s);

  CHECK(connection->closed);
}

TEST_CASE("a song that cannot be read on ends short instead of going on wrong") {
  http_fixture fixture;
  const auto job = fixture.finished_job(std::string(200'000, 'x'));
  fixture.audio.fail_after = 65'536;
  auto connection = fixture.connect();

  fixture.send(*connection, "GET " + audio_of(job) + " HTTP/1.1\r\nHost: a\r\n\r\n");

  CHECK(connection->closed);
  CHECK(connection->outgoing.size() < 70'000);
}
