#include "remote_codec.hpp"
#include "catch_result.hpp"

#include <music/base/random.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace music;

namespace {

const wall_time now{};
const net::url base = net::parse_url("https://music.example.org/far").value();

net::http_response answer(int status, std::string body) {
  net::http_response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = std::move(body);
  return response;
}

result<song_status> poll(std::string body) { return remote::decode_poll(answer(200, std::move(body)), "job_1", base, now); }

}  // namespace

TEST_CASE("a prompt is asked for with what a writer can use") {
  const auto wire = remote::encode_prompt({.theme = "rainy night", .tags = "lofi", .style = {}, .instrumental = true});

  CHECK(wire.path == "/skills/chatgpt-prompt-generator");
  CHECK(boost::json::parse(wire.body) == boost::json::parse(R"({"theme":"rainy night","tags":"lofi","instrumental":true})"));
}

TEST_CASE("a remote prompt is its text, a remote failure keeps its cause") {
  const auto written = remote::decode_prompt(
      answer(200, R"({"status":"success","generated_prompt":"Slow lofi.","model":"gpt-4","tokens_used":7})"), now);
  REQUIRE(written);
  CHECK(written->text == "Slow lofi.");
  CHECK(written->model == "gpt-4");
  CHECK(written->tokens_used == 7);

  CHECK(remote::decode_prompt(answer(200, R"({"status":"error","error_type":"quota_exhausted"})"), now).error().code ==
        errc::quota_exhausted);
  CHECK(remote::decode_prompt(answer(200, R"({"status":"error","error_type":"nonsense"})"), now).error().code == errc::api_error);
  CHECK(remote::decode_prompt(answer(200, R"({"status":"success"})"), now).error().code == errc::invalid_response);
  CHECK(remote::decode_prompt(answer(200, "{}"), now).error().code == errc::invalid_response);
  for (const std::string own : {"deadline_exceeded", "canceled"}) {
    CHECK(remote::decode_prompt(answer(200, R"({"status":"error","error_type":")" + own + "\"}"), now).error().code ==
          errc::api_error);
  }
  CHECK(remote::decode_prompt(answer(401, "{}"), now).error().code == errc::authentication);
}

TEST_CASE("a submission carries the job's id as its key and everything that was asked for") {
  seeded_random random{1};
  song_request song;
  song.job = job_id::make(random, now);
  song.prompt = "Slow lofi.";
  song.theme = "rainy night";
  song.lyrics = "la la";
  song.seed = 42;
  song.format = audio_format::wav;

  const auto wire = remote::encode_submission(song);

  REQUIRE(wire.headers.size() == 1);
  CHECK(wire.headers[0].name == "Idempotency-Key");
  CHECK(wire.headers[0].value == song.job.text());
  const auto body = boost::json::parse(wire.body);
  CHECK(body == boost::json::parse(R"({"prompt":"Slow lofi.","theme":"rainy night","lyrics":"la la","seed":42,"format":"wav"})"));
}

TEST_CASE("what is not clearly refused may have been taken") {
  CHECK(remote::decode_submission(answer(202, R"({"id":"job_1"})"), now).fate == submission_fate::accepted);
  CHECK(remote::decode_submission(answer(200, R"({"id":"../x"})"), now).fate == submission_fate::unknown);
  CHECK(remote::decode_submission(answer(200, "<html>"), now).fate == submission_fate::unknown);
  CHECK(remote::decode_submission(answer(500, "{}"), now).fate == submission_fate::unknown);
  CHECK(remote::decode_submission(answer(422, "{}"), now).fate == submission_fate::refused);
  CHECK(remote::decode_submission(answer(503, "{}"), now).fate == submission_fate::refused);
}

TEST_CASE("a remote job goes on until it has ended, and its tracks lie below our base, wherever it says they are") {
  CHECK(poll(R"({"status":"running"})")->state == song_state::generating);
  CHECK(poll(R"({"status":"canceling"})")->state == song_state::generating);
  CHECK(poll(R"({"status":"done"})").error().code == errc::invalid_response);

  const auto done = poll(R"({"status":"success","workflow":{"step2_music_generation":{"metadata":{"tags":"lofi"}}},"tracks":[)"
                         R"({"index":0,"title":"Rain\nNight","duration":20,"url":"https://evil.example/x"},{"index":99}]})");
  REQUIRE(done);
  REQUIRE(done->tracks.size() == 1);
  CHECK(done->tracks[0].source == "https://music.example.org/far/jobs/job_1/tracks/0/audio");
  CHECK(done->tracks[0].title.find('\n') == std::string::npos);
  CHECK(done->tracks[0].tags == "lofi");
  CHECK(done->tracks[0].duration_seconds == 20);
  CHECK(poll(R"({"status":"success","tracks":[]})").error().code == errc::invalid_response);
}

TEST_CASE("a remote job that failed says why, one that is gone is unknown") {
  const auto rejected = poll(R"({"status":"error","workflow":{"step2_music_generation":{"error_type":"content_rejected"}}})");
  CHECK(rejected->state == song_state::failed);
  CHECK(rejected->failure.code == errc::content_rejected);
  CHECK(poll(R"({"status":"canceled"})")->failure.code == errc::generation_failed);
  CHECK(remote::decode_poll(answer(404, "{}"), "job_1", base, now).error().code == errc::song_unknown);
  CHECK(remote::decode_poll(answer(503, "{}"), "job_1", base, now).error().transient);
}
