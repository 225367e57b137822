#include "catch_result.hpp"
#include "clips.hpp"
#include "fastapi_dialect.hpp"
#include "gcui_dialect.hpp"
#include "suno_support.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

const suno::dialect& gcui() { return suno::gcui_dialect(); }
const suno::dialect& fastapi() { return suno::fastapi_dialect(); }

std::string clip(const std::string& id, const std::string& status, const std::string& more = {}) {
  return R"({"id":")" + id + R"(","status":")" + status + '"' + more + '}';
}

std::string with_audio(const std::string& id) {
  return R"(,"audio_url":"https://cdn.example.com/)" + id + R"(.mp3","title":"Rain","created_at":"2026-01-01T00:00:00Z")";
}

std::string list(const std::vector<std::string>& clips) {
  std::string text;
  for (const auto& each : clips) text += (text.empty() ? "[" : ",") + each;
  return text.empty() ? "[]" : text + ']';
}

}  // namespace

TEST_CASE("gcui takes a description, or lyrics as a custom song, and is never told to wait") {
  const auto described = gcui().encode_submission(a_request(), {"chirp-v3-5", ""});
  CHECK(described.path == "/api/generate");
  const auto plain = body_of(described);
  CHECK(plain.at("prompt").as_string() == "A mellow lofi beat with a vibraphone. Style: lofi, chill.");
  CHECK(plain.at("model").as_string() == "chirp-v3-5");
  CHECK(!plain.at("wait_audio").as_bool());
  CHECK(!plain.at("make_instrumental").as_bool());

  auto request = a_request();
  request.lyrics = "[Verse]\nRain";
  request.negative_tags = "drums";
  const auto sung = gcui().encode_submission(request, {"chirp-v3-5", ""});
  CHECK(sung.path == "/api/custom_generate");
  const auto custom = body_of(sung);
  CHECK(custom.at("prompt").as_string() == "[Verse]\nRain");
  CHECK(custom.at("tags").as_string() == "lofi, chill. A mellow lofi beat with a vibraphone.");
  CHECK(custom.at("title").as_string() == "rainy night in Tokyo");
  CHECK(custom.at("negative_tags").as_string() == "drums");
  CHECK(!custom.at("wait_audio").as_bool());
}

TEST_CASE("fastapi gets negative_tags even if there are none, and its description mode for an instrumental") {
  auto request = a_request();
  request.lyrics = "[Verse]\nRain";
  const auto sung = fastapi().encode_submission(request, {"chirp-v3-5", ""});
  CHECK(sung.path == "/generate");
  const auto custom = body_of(sung);
  for (const auto* required : {"prompt", "mv", "title", "tags", "negative_tags"}) CHECK(custom.contains(required));
  CHECK(custom.at("negative_tags").as_string().empty());

  request.instrumental = true;
  const auto described = fastapi().encode_submission(request, {"chirp-v3-5", ""});
  CHECK(described.path == "/generate/description-mode");
  CHECK(body_of(described).at("make_instrumental").as_bool());
}

TEST_CASE("both clips of a submission make its id") {
  const auto answer =
      list({clip("aaa-1", "submitted", R"(,"audio_url":"","tags":null,"duration":null)"), clip("bbb-2", "submitted")});
  CHECK(submitted(gcui(), 200, answer).song_id == "aaa-1:bbb-2");
  CHECK(submitted(fastapi(), 200, R"({"id":"batch","clips":)" + answer + "}").song_id == "aaa-1:bbb-2");

  std::vector<std::string> hundred;
  for (int i = 100; i < 200; ++i) hundred.push_back(clip("4f6f1e46-3e7c-4a3a-9d6d-1c5f0a7b9" + std::to_string(i), "submitted"));
  const auto many = submitted(gcui(), 200, list(hundred));
  CHECK(many.fate == submission_fate::accepted);
  CHECK(suno::split_clips(many.song_id).size() == 3);  // as many as an id holds
}

TEST_CASE("gcui's errors carry Suno's own status, but a 503 says that Suno may have taken the song") {
  const std::vector<refusal_row> rows{
      {402, R"({"error":"no credits"})", submission_fate::refused, errc::quota_exhausted, false},
      {401, R"({"error":"API Error: Unauthorized"})", submission_fate::refused, errc::authentication, false},
      {422, R"({"error":{"detail":"Token validation failed"}})", submission_fate::refused, errc::api_error, false},
      {400, R"({"error":"Song Description contained artist name: x"})", submission_fate::refused, errc::content_rejected, false},
      {429, R"({"error":"too many"})", submission_fate::refused, errc::rate_limit, true},
      {500, R"({"error":"Internal server error"})", submission_fate::unknown, errc::api_error, true},
      {503, R"({"error":"Network error: timeout"})", submission_fate::unknown, errc::api_error, true},
      {503, "busy", submission_fate::refused, errc::api_error, true},
      {200, "[]", submission_fate::unknown, errc::invalid_response, false},
      {200, R"([{"status":"submitted"}])", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"error":"x"})", submission_fate::unknown, errc::invalid_response, false},
      {200, "<html>", submission_fate::unknown, errc::invalid_response, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body);
    const auto outcome = submitted(gcui(), row.status, row.body);
    CHECK(outcome.fate == row.fate);
    CHECK(name(outcome.failure.code) == name(row.code));
    CHECK(outcome.failure.transient == row.transient);
  }
}

TEST_CASE("fastapi's errors come as 200") {
  const std::vector<refusal_row> rows{
      {200, R"({"detail":"Unauthorized"})", submission_fate::refused, errc::authentication, true},
      {200, R"({"detail":"Insufficient credits."})", submission_fate::refused, errc::quota_exhausted, false},
      {200, R"({"detail":"Too many running jobs."})", submission_fate::refused, errc::rate_limit, true},
      {200, R"({"detail":"prompt was flagged"})", submission_fate::refused, errc::content_rejected, false},
      {200, R"("An error occurred: Cannot connect to host studio-api:443")", submission_fate::refused, errc::api_error, true},
      {200, R"("An error occurred: Server disconnected")", submission_fate::unknown, errc::api_error, true},
      {200, R"({"clips":[]})", submission_fate::unknown, errc::invalid_response, false},
      {422, R"({"detail":[{"loc":["body","negative_tags"],"msg":"field required"}]})", submission_fate::refused, errc::api_error,
       false},
      {500, R"({"detail":"'total_credits_left'"})", submission_fate::unknown, errc::api_error, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body);
    const auto outcome = submitted(fastapi(), row.status, row.body);
    CHECK(outcome.fate == row.fate);
    CHECK(name(outcome.failure.code) == name(row.code));
    CHECK(outcome.failure.transient == row.transient);
  }
}

TEST_CASE("one poll asks for the clips of many songs") {
  const std::vector<std::string> songs{"a:b", "c:d", "e"};
  CHECK(gcui().encode_poll(songs).path == "/api/get?ids=a,b,c,d,e");
  CHECK(fastapi().encode_poll(songs).path == "/feed/a,b,c,d,e");
  CHECK(gcui().about().songs_a_poll == 20);
  CHECK(fastapi().about().songs_a_poll == 20);
}

TEST_CASE("the answer is sorted by song, in whatever order the clips come") {
  const std::vector<std::string> songs{"a:b", "c:d", "lost:gone", "e:f"};
  const auto body = list({clip("d", "complete", with_audio("d")), clip("stranger", "complete", with_audio("x")),
                          clip("a", "streaming", with_audio("a")), clip("b", "queued"), clip("c", "complete", with_audio("c")),
                          clip("e", "error", R"(,"error_message":"contained artist name: x")"), clip("f", "error")});
  const auto statuses = gcui().decode_poll(json_answer(200, body), songs, gateway_time);

  REQUIRE(statuses.size() == 4);
  REQUIRE(statuses[0]);
  CHECK(statuses[0]->state == song_state::generating);
  CHECK(statuses[0]->tracks.at(0).preview == "https://cdn.example.com/a.mp3");
  REQUIRE(statuses[1]);
  CHECK(statuses[1]->state == song_state::complete);
  REQUIRE(statuses[1]->tracks.size() == 2);
  CHECK(statuses[1]->tracks[0].song_id == "c");
  CHECK(statuses[1]->tracks[0].title == "Rain");
  REQUIRE(!statuses[2]);
  CHECK(statuses[2].error().code == errc::song_unknown);
  CHECK(statuses[2].error().transient);
  REQUIRE(statuses[3]);
  CHECK(statuses[3]->state == song_state::failed);
}

TEST_CASE("one failed clip does not lose the other") {
  const auto status = polled(gcui(), "a:b", 200, list({clip("a", "error"), clip("b", "complete", with_audio("b"))}));
  REQUIRE(status);
  CHECK(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 1);
  CHECK(status->tracks[0].song_id == "b");
}

TEST_CASE("a failed song tells moderation wherever the message stands") {
  CHECK(polled(gcui(), "a", 200, list({clip("a", "error", R"(,"error_message":"Song Description contained artist name: x")")}))
            ->failure.code == errc::content_rejected);
  CHECK(polled(fastapi(), "a", 200, list({clip("a", "error", R"(,"metadata":{"error_type":"moderation_failure"})")}))
            ->failure.code == errc::content_rejected);
  CHECK(polled(fastapi(), "a", 200, list({clip("a", "error")}))->failure.code == errc::generation_failed);
}

TEST_CASE("fastapi hands Suno's feed through, old form and new") {
  const auto raw = clip("a", "complete", with_audio("a") + R"(,"metadata":{"duration":123.5,"tags":"lofi"})");
  for (const auto& body : {list({raw}), R"({"clips":)" + list({raw}) + "}"}) {
    const auto status = polled(fastapi(), "a", 200, body);
    REQUIRE(status);
    CHECK(status->tracks.at(0).duration_seconds == Approx(123.5));
    CHECK(status->tracks.at(0).tags == "lofi");
  }
}

TEST_CASE("a poll that fails fails for all of its songs") {
  const std::vector<std::string> songs{"a:b", "c:d"};
  const std::vector<lost_poll_row> rows{{500, R"({"error":"Internal server error"})", errc::api_error, true},
                                        {429, "", errc::rate_limit, true},
                                        {200, "<html>", errc::invalid_response, false},
                                        {200, "{}", errc::invalid_response, false}};
  for (const auto& row : rows) {
    const auto statuses = gcui().decode_poll(json_answer(row.status, row.body), songs, gateway_time);
    REQUIRE(statuses.size() == 2);
    for (const auto& status : statuses) {
      REQUIRE(!status);
      CHECK(name(status.error().code) == name(row.code));
      CHECK(status.error().transient == row.transient);
    }
  }
  const auto unauthorised = polled(fastapi(), "a", 200, R"({"detail":"Unauthorized"})");
  REQUIRE(!unauthorised);
  CHECK(unauthorised.error().code == errc::authentication);
  CHECK(unauthorised.error().transient);  // its token is renewed every five seconds
}
