#include "job_json.hpp"
#include "http_fixture.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::http;
using music::test::http_fixture;

namespace {

std::string rendered(const job& job) {
  std::string out;
  append_job(out, job, "http://h");
  return out;
}

}  // namespace

TEST_CASE("a successful job has the contract's form") {
  http_fixture fixture;
  const auto job = fixture.finished_job("0123456789");
  const auto self = "http://h/jobs/" + job->id.text();

  CHECK(
      rendered(*job) ==
      R"({"id":")" + job->id.text() + R"(","status":"success","done":true,"stage":"finished","version":7,)" +
          R"("theme":"rainy night","tags":"lofi","download_url":")" + self + R"(/audio","song_id":"song-1",)" +
          R"("tracks":[{"index":0,"song_id":"song-1","title":"Rainy Night","duration":183.4,"url":")" + self +
          R"(/tracks/0/audio","content_type":"audio/mpeg","size_bytes":10,)" +
          R"("sha256":"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"}],)" +
          R"("retryable":false,"charged":"yes","warnings":[],"workflow":{)" +
          R"("step1_prompt_generation":{"status":"complete","generated_prompt":"soft rain","model":"gpt-4","tokens_used":145},)" +
          R"("step2_music_generation":{"status":"complete","provider":"suno","polls":0,)" +
          R"("metadata":{"title":"Rainy Night","duration":0,"created_at":"","tags":""}}},)" +
          R"("created_at":"2026-02-15T10:30:45.123Z","updated_at":"2026-02-15T10:30:45.123Z",)" +
          R"("completed_at":"2026-02-15T10:30:45.123Z","deadline_at":"2026-02-15T10:45:45.123Z",)" +
          R"("expires_at":"2026-02-15T10:30:45.123Z","timestamp":"2026-02-15T10:30:45.123Z","metadata":{},)" +
          R"("urls":{"self":")" + self + R"(","events":")" + self + R"(/events","cancel":")" + self + R"(/cancel","audio":")" +
          self + R"(/audio"}})");
}

TEST_CASE("a plan is shown with what it has, and a prompt from the cache says so") {
  http_fixture fixture;
  auto job = *fixture.finished_job();
  job.prompt.cached = true;
  job.prompt.plan = {
      .title = "Neon Rain", .tags = "lofi", .lyrics = "[Verse]\nRain", .instrumental = false, .bpm = 82, .key = "A minor"};

  const auto text = rendered(job);

  CHECK(text.find(R"("tokens_used":145,"cached":true,"plan":{"title":"Neon Rain","tags":"lofi","lyrics":"[Verse]\nRain",)"
                  R"("instrumental":false,"bpm":82,"key":"A minor"}})") != std::string::npos);
}

TEST_CASE("a failed job names the step and its cause") {
  http_fixture fixture;
  auto job = *fixture.running_job();
  job.status = job_status::error;
  job.failure = failure_kind::music_generation_failed;
  job.music.status = step_status::error;
  job.music.failure = errc::submission_unknown;
  job.charged = charge::maybe;

  const auto text = rendered(job);

  CHECK(
      text.find(
          R"("error_type":"music_generation_failed","message":"The music could not be made.","retryable":true,"charged":"maybe")") !=
      std::string::npos);
  CHECK(text.find(R"("polls":0,"error_type":"submission_unknown")") != std::string::npos);
  CHECK(text.find("download_url") == std::string::npos);
}

TEST_CASE("a job for its prompt says so and has neither audio nor a song, and its second step never begins") {
  http_fixture fixture;
  auto job = *fixture.running_job();
  job.request.goal = job_goal::prompt;
  job.status = job_status::success;
  job.stage = job_stage::finished;
  job.prompt = {.status = step_status::complete, .text = "soft rain", .model = "gpt-4", .tokens_used = 145};
  job.music = {};

  const auto text = rendered(job);

  CHECK(text.find(R"("goal":"prompt","theme":"rainy night")") != std::string::npos);
  CHECK(text.find(R"("tracks":[],"retryable":false,"charged":"no")") != std::string::npos);
  CHECK(text.find(R"("generated_prompt":"soft rain")") != std::string::npos);
  CHECK(text.find(R"("step2_music_generation":{"status":"pending","polls":0})") != std::string::npos);
  CHECK(text.find("download_url") == std::string::npos);
  CHECK(text.find("song_id") == std::string::npos);
}

TEST_CASE("private fields are not shown") {
  http_fixture fixture;
  auto job = *fixture.finished_job();
  job.owner = "owner-name";

  const auto text = rendered(job);

  CHECK(text.find("owner-name") == std::string::npos);
  CHECK(text.find("private-key") == std::string::npos);
}

TEST_CASE("text of a client cannot leave its JSON string") {
  http_fixture fixture;
  auto job = *fixture.finished_job();
  job.request.theme = "\"},{\"\n</script>";
  job.request.metadata = {{"a", "\x01"}};

  const auto text = rendered(job);

  CHECK(text.find(R"("theme":"\"},{\"\n</script>")") != std::string::npos);
  CHECK(text.find(R"("metadata":{"a":"\u0001"})") != std::string::npos);
}

TEST_CASE("a page says whether there is more and where it goes on") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  CHECK(render_page({}, "http://h") == R"({"data":[],"next_cursor":null,"has_more":false})");
  const auto page = render_page({{job, job}, job->id}, "http://h");
  CHECK(page == R"({"data":[)" + rendered(*job) + "," + rendered(*job) + R"(],"next_cursor":")" + to_cursor(job->id) +
                    R"(","has_more":true})");
}

TEST_CASE("a cursor leads back to its id and nothing else is one") {
  http_fixture fixture;
  const auto id = fixture.finished_job()->id;

  CHECK(parse_cursor(to_cursor(id)) == id);
  CHECK_FALSE(parse_cursor(""));
  CHECK_FALSE(parse_cursor("../x"));
  CHECK_FALSE(parse_cursor(id.text()));
}
