#include "catch_result.hpp"
#include "record_dialect.hpp"
#include "suno_support.hpp"

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

const suno::dialect& sunoapi() { return suno::sunoapi_dialect(); }
const suno::dialect& kie() { return suno::kie_dialect(); }

std::string record(const std::string& status, const std::string& response) {
  return R"({"code":200,"msg":"success","data":{"taskId":"task-1","status":")" + status + R"(","response":)" + response +
         R"(,"errorCode":null,"errorMessage":null}})";
}

result<song_status> polled_record(const std::string& status, const std::string& response = "null") {
  return polled(sunoapi(), "task-1", 200, record(status, response));
}

const std::string two_songs = R"({"taskId":"task-1","sunoData":[
  {"id":"clip-a","audioUrl":"https://cdn.example.com/a.mp3","streamAudioUrl":"https://cdn.example.com/a","title":"Rain","tags":"lofi",
   "createTime":"2026-01-01 00:00:00","duration":198.44},
  {"id":"clip-b","audioUrl":"https://cdn.example.com/b.mp3","streamAudioUrl":"https://cdn.example.com/b","title":"Rain","duration":"177.5"}]})";

const std::string one_of_two = R"({"sunoData":[
  {"id":"clip-a","audioUrl":"https://cdn.example.com/a.mp3","streamAudioUrl":"https://cdn.example.com/a"},
  {"id":"clip-b","audioUrl":"","streamAudioUrl":"https://cdn.example.com/b"}]})";

}  // namespace

TEST_CASE("a V6 song is always a custom one, with a duration of its own") {
  auto request = a_request();
  request.title = "Neon Rain";
  request.negative_tags = "drums";
  const auto call = sunoapi().encode_submission(request, {"V6", "https://us.example.org/callbacks/suno/token"});

  CHECK(call.method == net::http_method::post);
  CHECK(call.path == "/api/v1/generate");
  const auto body = body_of(call);
  CHECK(body.at("customMode").as_bool());
  CHECK(!body.at("instrumental").as_bool());
  CHECK(body.at("model").as_string() == "V6");
  CHECK(body.at("callBackUrl").as_string() == "https://us.example.org/callbacks/suno/token");
  CHECK(body.at("style").as_string() == "lofi, chill. A mellow lofi beat with a vibraphone.");
  CHECK(body.at("title").as_string() == "Neon Rain");
  CHECK(body.at("negativeTags").as_string() == "drums");
  CHECK(body.at("duration").to_number<double>() == 180);  // theirs would be 20
  CHECK(!body.contains("prompt"));
  CHECK(!body.contains("lyrics"));
}

TEST_CASE("lyrics go into the field that the model reads") {
  auto request = a_request();
  request.lyrics = "[Verse 1]\nNight city lights";
  request.duration_seconds = 90;
  const auto v6 = body_of(sunoapi().encode_submission(request, {"V6_WILD", ""}));
  CHECK(v6.at("lyrics").as_string() == request.lyrics);
  CHECK(!v6.contains("prompt"));
  CHECK(v6.at("duration").to_number<double>() == 90);

  const auto v5 = body_of(sunoapi().encode_submission(request, {"V5", ""}));
  CHECK(v5.at("customMode").as_bool());
  CHECK(v5.at("prompt").as_string() == request.lyrics);
  CHECK(!v5.contains("lyrics"));
  CHECK(!v5.contains("duration"));

  request.instrumental = true;
  CHECK(!body_of(sunoapi().encode_submission(request, {"V6", ""})).contains("lyrics"));
}

TEST_CASE("before V6 a song to be sung without lyrics is a description with no custom field") {
  const auto body = body_of(kie().encode_submission(a_request(), {"V5", ""}));

  CHECK(!body.at("customMode").as_bool());
  CHECK(body.at("prompt").as_string() == "A mellow lofi beat with a vibraphone. Style: lofi, chill.");
  for (const auto* custom_only : {"style", "title", "negativeTags", "duration", "lyrics"}) CHECK(!body.contains(custom_only));

  auto instrumental = a_request();
  instrumental.instrumental = true;
  const auto custom = body_of(kie().encode_submission(instrumental, {"V5", ""}));
  CHECK(custom.at("customMode").as_bool());
  CHECK(custom.at("title").as_string() == "rainy night in Tokyo");
}

TEST_CASE("who listens to nobody gives an address that never resolves") {
  CHECK(body_of(sunoapi().encode_submission(a_request(), {"V6", ""})).at("callBackUrl").as_string() ==
        "https://callback.invalid/");
}

TEST_CASE("texts are cut to the model's limits before they are sent") {
  auto request = a_request();
  request.prompt = std::string(1'990, 'p');
  request.title = "";
  request.theme = std::string(400, 't');
  request.negative_tags = "drums, " + std::string(995, 'n');
  const auto body = body_of(sunoapi().encode_submission(request, {"V6", ""}));
  CHECK(body.at("style").as_string().size() == 1'000);
  CHECK(body.at("title").as_string().size() == 80);
  CHECK(body.at("negativeTags").as_string() == "drums");

  CHECK(body_of(sunoapi().encode_submission(request, {"V4", ""})).at("prompt").as_string().size() == 500);
}

TEST_CASE("a task id is an accepted submission") {
  const auto taken = submitted(sunoapi(), 200, R"({"code":200,"msg":"success","data":{"taskId":"5c79****be8e"}})");
  CHECK(taken.fate == submission_fate::accepted);
  CHECK(taken.song_id == "5c79****be8e");
  CHECK(submitted(kie(), 200, R"({"code":"200","data":{"task_id":"t-1"}})").song_id == "t-1");
}

TEST_CASE("sunoapi.org's codes tell the fate and the cause of a submission") {
  const std::vector<refusal_row> rows{
      {200, R"({"code":400,"msg":"bad"})", submission_fate::refused, errc::api_error, false},
      {200, R"({"code":400,"msg":"contains artist name"})", submission_fate::refused, errc::content_rejected, false},
      {200, R"({"code":401,"msg":"no"})", submission_fate::refused, errc::authentication, false},
      {200, R"({"code":404,"msg":"no"})", submission_fate::refused, errc::api_error, false},
      {200, R"({"code":405,"msg":"too fast"})", submission_fate::refused, errc::rate_limit, true},
      {200, R"({"code":413,"msg":"too long"})", submission_fate::refused, errc::api_error, false},
      {200, R"({"code":429,"msg":"no credits"})", submission_fate::refused, errc::quota_exhausted, false},
      {200, R"({"code":430,"msg":"too often"})", submission_fate::refused, errc::rate_limit, true},
      {200, R"({"code":455,"msg":"maintenance"})", submission_fate::refused, errc::api_error, true},
      {200, R"({"code":500,"msg":"oops"})", submission_fate::unknown, errc::api_error, true},
      {200, R"({"code":299,"msg":"odd"})", submission_fate::unknown, errc::invalid_response, false},
      {429, R"({"code":429,"msg":"no credits"})", submission_fate::refused, errc::quota_exhausted, false},
      {200, R"({"code":200,"data":{}})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"code":200,"data":null})", submission_fate::unknown, errc::invalid_response, false},
      {200, R"({"code":200,"data":{"taskId":"a/b"}})", submission_fate::unknown, errc::invalid_response, false},
      {200, "", submission_fate::unknown, errc::invalid_response, false},
      {200, "<html></html>", submission_fate::unknown, errc::invalid_response, false},
      {502, "<html></html>", submission_fate::unknown, errc::api_error, true},
      {503, "", submission_fate::refused, errc::api_error, true},
      {402, "", submission_fate::refused, errc::quota_exhausted, false},
      {408, "", submission_fate::refused, errc::timeout, true},
      {425, "", submission_fate::refused, errc::api_error, true},
      {429, "<html></html>", submission_fate::refused, errc::rate_limit, true},
      {307, "", submission_fate::refused, errc::invalid_response, false},
      {302, "", submission_fate::unknown, errc::invalid_response, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body);
    const auto outcome = submitted(sunoapi(), row.status, row.body);
    CHECK(outcome.fate == row.fate);
    CHECK(name(outcome.failure.code) == name(row.code));
    CHECK(outcome.failure.transient == row.transient);
    CHECK(outcome.song_id.empty());
  }
}

TEST_CASE("the same codes mean other things at kie.ai") {
  const std::vector<refusal_row> rows{
      {200, R"({"code":402,"msg":"no"})", submission_fate::refused, errc::quota_exhausted, false},
      {200, R"({"code":429,"msg":"slow"})", submission_fate::refused, errc::rate_limit, true},
      {200, R"({"code":422,"msg":"bad"})", submission_fate::refused, errc::api_error, false},
      {200, R"({"code":455,"msg":"later"})", submission_fate::refused, errc::api_error, true},
      {200, R"({"code":501,"msg":"failed"})", submission_fate::unknown, errc::generation_failed, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    const auto outcome = submitted(kie(), row.status, row.body);
    CHECK(outcome.fate == row.fate);
    CHECK(name(outcome.failure.code) == name(row.code));
    CHECK(outcome.failure.transient == row.transient);
  }
  CHECK(submitted(sunoapi(), 200, R"({"code":402})").failure.code == errc::api_error);
}

TEST_CASE("a task is asked for by its percent-encoded id") {
  const std::vector<std::string> songs{"5c79****be8e"};
  CHECK(sunoapi().encode_poll(songs).path == "/api/v1/generate/record-info?taskId=5c79%2A%2A%2A%2Abe8e");
}

TEST_CASE("a finished task has both songs") {
  const auto status = polled_record("SUCCESS", two_songs);

  REQUIRE(status);
  CHECK(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 2);
  CHECK(status->tracks[0].song_id == "clip-a");
  CHECK(status->tracks[0].source == "https://cdn.example.com/a.mp3");
  CHECK(status->tracks[0].duration_seconds == Approx(198.44));
  CHECK(status->tracks[0].created_at == "2026-01-01 00:00:00");
  CHECK(status->tracks[1].duration_seconds == Approx(177.5));
}

TEST_CASE("the record may be in snake case, in another member, or a text that holds JSON") {
  const auto snake = polled_record("SUCCESS", R"({"data":[{"id":"clip-a","audio_url":"https://cdn.example.com/a.mp3"}]})");
  REQUIRE(snake);
  CHECK(snake->tracks.at(0).source == "https://cdn.example.com/a.mp3");
  const auto text =
      polled_record("SUCCESS", R"("{\"sunoData\":[{\"id\":\"clip-a\",\"audioUrl\":\"https://cdn.example.com/a.mp3\"}]}")");
  REQUIRE(text);
  CHECK(text->tracks.at(0).song_id == "clip-a");
}

TEST_CASE("statuses under way, and those that nobody documented, are generating") {
  for (const std::string status : {"PENDING", "TEXT_SUCCESS", "GENERATING", "SOMETHING_NEW", ""}) {
    const auto song = polled_record(status);
    REQUIRE(song);
    CHECK(song->state == song_state::generating);
    CHECK(song->tracks.empty());
  }
}

TEST_CASE("a task of which one song is finished can be listened to and is not done") {
  const auto status = polled_record("FIRST_SUCCESS", one_of_two);
  REQUIRE(status);
  CHECK(status->state == song_state::generating);
  REQUIRE(status->tracks.size() == 2);
  CHECK(status->tracks[0].preview == "https://cdn.example.com/a");
}

TEST_CASE("a callback that could not be delivered is no failure of the music") {
  CHECK(polled_record("CALLBACK_EXCEPTION", two_songs)->state == song_state::complete);
  CHECK(polled_record("CALLBACK_EXCEPTION", two_songs)->tracks.size() == 2);
  CHECK(polled_record("CALLBACK_EXCEPTION", one_of_two)->state == song_state::generating);
  CHECK(polled_record("CALLBACK_EXCEPTION")->state == song_state::generating);
}

TEST_CASE("success without a link is complete with nothing to fetch") {
  for (const std::string response : {"null", "{}", R"({"sunoData":[]})", R"({"sunoData":[{"id":"a","audioUrl":""}]})"}) {
    const auto status = polled_record("SUCCESS", response);
    REQUIRE(status);
    CHECK(status->state == song_state::complete);
    REQUIRE(status->tracks.size() == 1);
    CHECK(status->tracks[0].source.empty());
  }
}

TEST_CASE("a song of a finished task whose file is late keeps its place") {
  const auto status = polled_record("SUCCESS", one_of_two);
  REQUIRE(status);
  CHECK(status->state == song_state::complete);
  REQUIRE(status->tracks.size() == 2);
  CHECK_FALSE(status->tracks[0].source.empty());
  CHECK(status->tracks[1].source.empty());
}

TEST_CASE("failed tasks tell moderation from other failures") {
  CHECK(polled_record("SENSITIVE_WORD_ERROR")->failure.code == errc::content_rejected);
  for (const std::string status : {"CREATE_TASK_FAILED", "GENERATE_AUDIO_FAILED", "FAILED"}) {
    const auto song = polled_record(status);
    REQUIRE(song);
    CHECK(song->state == song_state::failed);
    CHECK(song->failure.code == errc::generation_failed);
  }
  const auto artist =
      polled(kie(), "task-1", 200, R"({"code":200,"data":{"taskId":"task-1","status":"GENERATE_AUDIO_FAILED","errorCode":501,
                             "errorMessage":"Song Description contained artist name: x","response":{"sunoData":[]}}})");
  REQUIRE(artist);
  CHECK(artist->failure.code == errc::content_rejected);
  CHECK(polled(kie(), "task-1", 200, R"({"code":501,"msg":"failed"})")->failure.code == errc::generation_failed);
}

TEST_CASE("every record that gives no status has a cause") {
  const std::vector<lost_poll_row> rows{
      {200, R"({"code":200,"data":null})", errc::song_unknown, true},
      {200, R"({"code":404})", errc::song_unknown, true},
      {404, "", errc::song_unknown, true},
      {200, R"({"code":401})", errc::authentication, false},
      {200, R"({"code":429})", errc::quota_exhausted, false},
      {200, R"({"code":430})", errc::rate_limit, true},
      {200, R"({"code":455})", errc::api_error, true},
      {500, "<html>", errc::api_error, true},
      {429, "<html>", errc::rate_limit, true},
      {200, "{}", errc::invalid_response, false},
      {200, "[]", errc::invalid_response, false},
      {200, "", errc::invalid_response, false},
      {302, "", errc::invalid_response, false},
      {200, R"({"code":200,"data":{"taskId":"another","status":"SUCCESS"}})", errc::invalid_response, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status, row.body);
    const auto status = polled(sunoapi(), "task-1", row.status, row.body);
    REQUIRE(!status);
    CHECK(name(status.error().code) == name(row.code));
    CHECK(status.error().transient == row.transient);
  }
}

TEST_CASE("callbacks name the task and how far it is") {
  const auto heard = [](const std::string& type, int code = 200) {
    return sunoapi().decode_callback(R"({"code":)" + std::to_string(code) + R"(,"msg":"x","data":{"callbackType":")" + type +
                                     R"(","task_id":"task-1","data":[]}})");
  };
  CHECK(heard("text")->song_id == "task-1");
  CHECK(heard("text")->stage == song_stage::begun);
  CHECK(heard("first")->stage == song_stage::playable);
  CHECK(heard("complete")->stage == song_stage::ended);
  CHECK(heard("error", 400)->stage == song_stage::ended);
  CHECK(heard("text", 501)->stage == song_stage::ended);
  for (const std::string body : {"", "[]", "{}", R"({"data":{}})", R"({"data":{"task_id":"../x"}})", "\"task-1\""}) {
    CHECK(!sunoapi().decode_callback(body));
  }
}
