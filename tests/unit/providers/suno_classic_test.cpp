#include "catch_result.hpp"
#include "classic_dialect.hpp"
#include "gateway_answer.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <vector>

using namespace music;

namespace {

namespace json = boost::json;

constexpr wall_time now{std::chrono::milliseconds{1'771'151'445'123}};

net::http_response answer(int status, std::string body,
                          std::vector<net::http_header> headers = {{"Content-Type", "application/json"}}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

const suno::dialect& classic() { return suno::classic_dialect(); }

submission submitted(int status, std::string body) { return classic().decode_submission(answer(status, std::move(body)), now); }

result<song_status> polled(int status, std::string body) {
  const std::vector<std::string> songs{"song-1"};
  return classic().decode_poll(answer(status, std::move(body)), songs, now).at(0);
}

struct fate_row {
  int status;
  std::string body;
  submission_fate fate;
  errc code;
  bool transient;
};

struct poll_row {
  int status;
  std::string body;
  errc code;
  bool transient;
};

}  // namespace

TEST_CASE("a classic submission has the design document's three fields") {
  song_request request;
  request.prompt = "A \"quoted\" prompt\nof two lines";
  request.tags = "lofi, chill";

  const auto wire = classic().encode_submission(request, {});

  CHECK(wire.method == net::http_method::post);
  CHECK(wire.path == "/v1/generate");
  const auto body = json::parse(wire.body);
  CHECK(body.as_object().size() == 3);
  CHECK(body.at("prompt").as_string() == request.prompt);
  CHECK(body.at("make_instrumental").as_bool() == false);
  CHECK(body.at("tags").as_string() == "lofi, chill");
}

TEST_CASE("style words go with the tags and the wish for no voice is passed on") {
  song_request request;
  request.prompt = "a prompt of some length";
  request.style = "dream pop";
  request.instrumental = true;
  CHECK(json::parse(classic().encode_submission(request, {}).body).at("tags").as_string() == "dream pop");

  request.tags = "slow";
  const auto body = json::parse(classic().encode_submission(request, {}).body);
  CHECK(body.at("tags").as_string() == "slow, dream pop");
  CHECK(body.at("make_instrumental").as_bool());
}

TEST_CASE("a 2xx with an id is an accepted submission") {
  for (const std::string body : {R"({"id":"song-1"})", R"({"id":"song-1","status":"generating","error":null})"}) {
    const auto taken = submitted(200, body);
    CHECK(taken.fate == submission_fate::accepted);
    CHECK(taken.song_id == "song-1");
  }
  CHECK(submitted(201, R"({"id":"a.b:c_D-9"})").song_id == "a.b:c_D-9");
  CHECK(submitted(200, R"({"id":4711})").song_id == "4711");
}

TEST_CASE("every other answer to a submission has a fate and a cause") {
  const std::vector<fate_row> rows{
      {200, "{}", submission_fate::unknown, errc::invalid_response, false},
      {200, "", submission_fate::unknown, errc::invalid_response, false},
      {200, "<html></html>", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":""})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":null})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":"a/b"})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":".."})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":"a\r\nb"})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":"a\u0000b"})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":"é"})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":")" + std::string(10'240, 'a') + R"("})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"id":-1})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"code":429,"msg":"slow"})", submission_fate::refused, errc::rate_limit, true},
      {200, R"({"error":{"code":401}})", submission_fate::refused, errc::authentication, false},
      {200, R"({"code":500,"msg":"oops"})", submission_fate::unknown, errc::api_error, true},
      {301, "", submission_fate::refused, errc::invalid_response, false},
      {302, "", submission_fate::unknown, errc::invalid_response, false},
      {303, "", submission_fate::unknown, errc::invalid_response, false},
      {307, "", submission_fate::refused, errc::invalid_response, false},
      {400, R"({"error":"bad"})", submission_fate::refused, errc::api_error, false},
      {400, R"({"error":"Song Description contained artist name: x"})", submission_fate::refused, errc::content_rejected, false},
      {401, "{}", submission_fate::refused, errc::authentication, false},
      {402, "{}", submission_fate::refused, errc::quota_exhausted, false},
      {403, "{}", submission_fate::refused, errc::authentication, false},
      {404, "{}", submission_fate::refused, errc::api_error, false},
      {408, "{}", submission_fate::refused, errc::timeout, true},
      {409, "{}", submission_fate::refused, errc::api_error, false},
      {422, R"({"detail":"flagged by moderation"})", submission_fate::refused, errc::content_rejected, false},
      {422, R"({"detail":[{"msg":"field required"}]})", submission_fate::refused, errc::api_error, false},
      {425, "{}", submission_fate::refused, errc::api_error, true},
      {429, "{}", submission_fate::refused, errc::rate_limit, true},
      {429, R"({"msg":"insufficient credits"})", submission_fate::refused, errc::quota_exhausted, false},
      {503, "{}", submission_fate::refused, errc::api_error, true},
      {500, "{}", submission_fate::unknown, errc::api_error, true},
      {502, "<html>", submission_fate::unknown, errc::api_error, true},
      {504, "", submission_fate::unknown, errc::api_error, true},
      {524, "", submission_fate::unknown, errc::api_error, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body.substr(0, 80));
    const auto outcome = submitted(row.status, row.body);
    CHECK(outcome.fate == row.fate);
    CHECK(name(outcome.failure.code) == name(row.code));
    CHECK(outcome.failure.transient == row.transient);
    CHECK(outcome.song_id.empty());
  }
}

TEST_CASE("a poll asks for the song by its id") {
  const std::vector<std::string> songs{"a:b.c"};
  const auto wire = classic().encode_poll(songs);
  CHECK(wire.method == net::http_method::get);
  CHECK(wire.path == "/v1/songs/a%3Ab.c");
  CHECK(wire.body.empty());
}

TEST_CASE("a complete song has one track with the provider's words") {
  const auto status =
      polled(200, R"({"id":"song-1","status":"complete","audio_url":"https://cdn.example.com/a.mp3","title":"Neon\u202e\nRain",
                                     "duration":183.4,"created_at":"2026-02-15T10:00:00Z","tags":"lofi","error_message":null})");

  REQUIRE(status);
  CHECK(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 1);
  CHECK(status->tracks[0].song_id == "song-1");
  CHECK(status->tracks[0].source == "https://cdn.example.com/a.mp3");
  CHECK(status->tracks[0].title == "Neon Rain");
  CHECK(status->tracks[0].duration_seconds == Approx(183.4));
  CHECK(status->tracks[0].created_at == "2026-02-15T10:00:00Z");
  CHECK(status->tracks[0].tags == "lofi");
}

TEST_CASE("a duration may be a number, a string, null or nonsense") {
  const auto duration_of = [](const std::string& text) {
    return polled(200, R"({"status":"complete","audio_url":"","duration":)" + text + "}")->tracks.at(0).duration_seconds;
  };
  CHECK(duration_of("180") == 180);
  CHECK(duration_of("\"180.5\"") == 180.5);
  for (const std::string nonsense : {"null", "-3", "\"3:05\"", "\"nan\"", "\"inf\"", "1e300", "[]", "\"\""})
    CHECK(duration_of(nonsense) == 0);
}

TEST_CASE("statuses that are not documented count as generating") {
  for (const std::string status : {"generating", "queued", "streaming", "SUBMITTED", "", "complete "}) {
    const auto song = polled(200, R"({"id":"song-1","status":")" + status + "\"}");
    REQUIRE(song);
    CHECK(song->state == song_state::generating);
  }
  CHECK(polled(200, R"({"status":"COMPLETE","audio_url":"x"})")->state == song_state::complete);
}

TEST_CASE("a failed song tells moderation from other failures") {
  const auto failure_of = [](const std::string& message) {
    const auto song = polled(200, R"({"id":"song-1","status":"error","error_message":)" + message + "}");
    REQUIRE(song);
    CHECK(song->state == song_state::failed);
    return song->failure.code;
  };
  CHECK(failure_of("\"Song Description contained artist name: x\"") == errc::content_rejected);
  CHECK(failure_of("\"Prompt was flagged by moderation\"") == errc::content_rejected);
  CHECK(failure_of("\"GPU fell over\"") == errc::generation_failed);
  CHECK(failure_of("null") == errc::generation_failed);
  CHECK(failure_of("{\"a\":1}") == errc::generation_failed);
}

TEST_CASE("every poll that gives no status has a cause") {
  const std::vector<poll_row> rows{
      {404, "{}", errc::song_unknown, false},
      {410, "", errc::song_unknown, false},
      {401, "{}", errc::authentication, false},
      {403, "{}", errc::authentication, false},
      {402, "{}", errc::quota_exhausted, false},
      {400, "{}", errc::api_error, false},
      {408, "{}", errc::timeout, true},
      {429, "{}", errc::rate_limit, true},
      {500, "{}", errc::api_error, true},
      {503, "<html>", errc::api_error, true},
      {302, "", errc::invalid_response, false},
      {200, "", errc::invalid_response, false},
      {200, "[]", errc::invalid_response, false},
      {200, R"({"status":7})", errc::invalid_response, false},
      {200, R"({"id":"another","status":"complete","audio_url":"x"})", errc::invalid_response, false},
      {200, R"({"code":404,"msg":"no such song"})", errc::song_unknown, false},
      {200, R"({"code":500})", errc::api_error, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body);
    const auto status = polled(row.status, row.body);
    REQUIRE(!status);
    CHECK(name(status.error().code) == name(row.code));
    CHECK(status.error().transient == row.transient);
  }
}

TEST_CASE("the provider's words become one harmless line") {
  CHECK(upstream::one_line("a\r\n\tb", 10) == "a b");
  CHECK(upstream::one_line("\xEF\xBB\xBFx\xC2\x85y", 10) == "x y");
  CHECK(upstream::one_line("ab\xFF"
                           "cd",
                           10) == "ab cd");
  CHECK(upstream::one_line("日本語テキスト", 3) == "日本語");
  CHECK(upstream::one_line("\x1b[31mred", 20) == "[31mred");
}
