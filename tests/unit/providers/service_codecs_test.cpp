// What is asked of ElevenLabs, MiniMax, Stability, fal, Replicate and ACE-Step, and what their answers mean.

#include "acestep_codec.hpp"
#include "catch_result.hpp"
#include "elevenlabs_codec.hpp"
#include "fal_codec.hpp"
#include "minimax_codec.hpp"
#include "replicate_codec.hpp"
#include "stability_codec.hpp"

#include <music/base/random.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace music;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

constexpr wall_time now{std::chrono::milliseconds{1'771'151'445'123}};
const std::string mp3 = std::string{"ID3\x04"} + std::string(200, 'a');

song_request rain() {
  seeded_random random{3};
  song_request request;
  request.job = job_id::make(random, now);
  request.prompt = "A mellow lofi beat with soft rain.";
  return request;
}

net::http_response answer(int status, std::string body,
                          std::vector<net::http_header> headers = {{"Content-Type", "application/json"}}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

submission lost(const upstream::direct_codec& codec, net::http_response response) {
  auto read = codec.decode(response, rain(), now);
  REQUIRE(std::holds_alternative<submission>(read));
  return std::get<submission>(read);
}

json::value body_of(const upstream::wire_request& wire) { return json::parse(wire.body); }

struct refusal_row {
  int status;
  std::string body;
  submission_fate fate;
  errc code;
  bool transient;
};

void check_rows(const upstream::direct_codec& codec, const std::vector<refusal_row>& rows) {
  for (const auto& row : rows) {
    INFO(row.status << ' ' << row.body);
    const auto outcome = lost(codec, answer(row.status, row.body));
    CHECK(outcome.fate == row.fate);
    CHECK(outcome.failure.code == row.code);
    CHECK(outcome.failure.transient == row.transient);
  }
}

const std::string lyrics = "[Verse 1]\nNeon on the water\nAll the trains are gone\n\n[Chorus]\nStay with me";

}  // namespace

// --- ElevenLabs -------------------------------------------------------------------------------------------------------

TEST_CASE("ElevenLabs gets a prompt where that says all") {
  const elevenlabs::codec codec{"music_v2"};
  auto request = rain();
  request.tags = "lofi, chill";
  request.duration_seconds = 61.5;
  request.instrumental = true;

  const auto wire = codec.encode(request);
  const auto body = body_of(wire);

  CHECK(wire.path == "/v1/music");
  CHECK(body == json::parse(R"({"prompt":"A mellow lofi beat with soft rain.\nStyle: lofi, chill","music_length_ms":61500,
                               "force_instrumental":true,"model_id":"music_v2"})"));
}

TEST_CASE("ElevenLabs' second model gets lyrics, seed and what must not be heard as chunks") {
  const elevenlabs::codec codec{"music_v2"};
  auto request = rain();
  request.lyrics = lyrics;
  request.negative_tags = "drums, distortion";
  request.seed = 7;
  request.duration_seconds = 60;

  const auto body = body_of(codec.encode(request));

  CHECK(body == json::parse(R"({"composition_plan":{"chunks":[
    {"text":"[Verse 1]\nNeon on the water\nAll the trains are gone","duration_ms":30000,
     "positive_styles":["A mellow lofi beat with soft rain."],"negative_styles":["drums","distortion"]},
    {"text":"[Chorus]\nStay with me","duration_ms":30000,
     "positive_styles":["A mellow lofi beat with soft rain."],"negative_styles":["drums","distortion"]}]},
    "seed":7,"model_id":"music_v2"})"));
}

TEST_CASE("ElevenLabs' first model gets them as sections, and the request's model wins") {
  const elevenlabs::codec codec{"music_v2"};
  auto request = rain();
  request.model = "music_v1";
  request.lyrics = lyrics;
  request.duration_seconds = 60;

  const auto plan = body_of(codec.encode(request)).at("composition_plan");

  CHECK(plan.at("positive_global_styles").as_array().size() == 1);
  REQUIRE(plan.at("sections").as_array().size() == 2);
  const auto& verse = plan.at("sections").at(0);
  CHECK(verse.at("section_name").as_string() == "Verse 1");
  CHECK(verse.at("lines").as_array().size() == 2);
}

TEST_CASE("a plan keeps to ElevenLabs' limits whatever the lyrics are") {
  const elevenlabs::codec codec{"music_v1"};
  auto request = rain();
  request.duration_seconds = 300;
  for (int i = 0; i < 40; ++i) request.lyrics += "[Part " + std::to_string(i) + "]\nla\n";
  for (int i = 0; i < 70; ++i) request.lyrics += std::string(250, 'a') + "\n";

  const auto sections = body_of(codec.encode(request)).at("composition_plan").at("sections").as_array();

  CHECK(sections.size() == 30);
  for (const auto& section : sections) {
    CHECK(section.at("duration_ms").as_int64() >= 3000);
    CHECK(section.at("duration_ms").as_int64() <= 120000);
    CHECK(section.at("lines").as_array().size() <= 30);
    for (const auto& line : section.at("lines").as_array()) CHECK(line.as_string().size() <= 200);
  }

  auto silent = rain();
  silent.seed = 1;
  silent.instrumental = true;
  silent.duration_seconds = 300;
  CHECK(body_of(codec.encode(silent)).at("composition_plan").at("sections").as_array().size() == 3);
}

TEST_CASE("ElevenLabs' refusals have their causes") {
  check_rows(
      elevenlabs::codec{"music_v2"},
      {{401, R"({"detail":{"status":"invalid_api_key","message":"x"}})", submission_fate::refused, errc::authentication, false},
       {401, R"({"detail":{"status":"quota_exceeded","message":"x"}})", submission_fate::refused, errc::quota_exhausted, false},
       {429, R"({"detail":{"status":"too_many_concurrent_requests","message":"x"}})", submission_fate::refused, errc::rate_limit,
        true},
       {429, R"({"detail":{"status":"system_busy","message":"x"}})", submission_fate::refused, errc::rate_limit, true},
       {400, R"({"detail":{"status":"bad_prompt","message":"x","data":{"prompt_suggestion":"y"}}})", submission_fate::refused,
        errc::content_rejected, false},
       {422, R"({"detail":[{"loc":["body"],"msg":"x","type":"y"}]})", submission_fate::refused, errc::api_error, false},
       {500, "{}", submission_fate::unknown, errc::api_error, true},
       {200, "{}", submission_fate::unknown, errc::invalid_response, false},
       {200, "", submission_fate::unknown, errc::invalid_response, false}});
}

// --- MiniMax ----------------------------------------------------------------------------------------------------------

TEST_CASE("MiniMax gets lyrics, or is asked to write them, or to leave them out") {
  const minimax::codec codec{"music-2.6"};
  auto request = rain();
  CHECK(body_of(codec.encode(request)) ==
        json::parse(
            R"({"model":"music-2.6","prompt":"A mellow lofi beat with soft rain.","lyrics_optimizer":true,"output_format":"hex",
                        "audio_setting":{"format":"mp3"}})"));

  request.lyrics = lyrics;
  request.format = audio_format::wav;
  request.quality = audio_quality::high;
  const auto sung = body_of(codec.encode(request));
  CHECK(sung.at("lyrics").as_string() == lyrics);
  CHECK(sung.at("audio_setting") == json::parse(R"({"sample_rate":44100,"bitrate":256000,"format":"wav"})"));

  request.instrumental = true;
  const auto silent = body_of(codec.encode(request));
  CHECK(silent.at("is_instrumental").as_bool());
  CHECK(!silent.as_object().contains("lyrics"));
}

TEST_CASE("MiniMax' song is read from hexadecimal text") {
  std::string digits;
  for (const char c : mp3) {
    const auto byte = static_cast<unsigned char>(c);
    digits += "0123456789abcdef"[byte >> 4];
    digits += "0123456789ABCDEF"[byte & 15];
  }
  auto response = answer(200, R"({"data":{"status":2,"audio":")" + digits +
                                  R"("},"extra_info":{"music_duration":61234},"base_resp":{"status_code":0}})");

  auto read = minimax::codec{"music-2.6"}.decode(response, rain(), now);

  REQUIRE(std::holds_alternative<upstream::received_song>(read));
  const auto& song = std::get<upstream::received_song>(read);
  CHECK(song.bytes == mp3);
  CHECK(song.format == audio_format::mp3);
  CHECK(song.duration_seconds == Approx(61.234));
}

TEST_CASE("hexadecimal text is whole pairs of digits") {
  CHECK(minimax::from_hex("") == "");
  CHECK(minimax::from_hex("4a4B") == "JK");
  CHECK(!minimax::from_hex("4a4"));
  CHECK(!minimax::from_hex("4g"));
  CHECK(!minimax::from_hex("4a 4b"));
}

TEST_CASE("MiniMax' refusals come as 200 and have their causes") {
  const auto code = [](int number) {
    return R"({"base_resp":{"status_code":)" + std::to_string(number) + R"(,"status_msg":"x"}})";
  };
  check_rows(minimax::codec{"music-2.6"}, {{200, code(1002), submission_fate::refused, errc::rate_limit, true},
                                           {200, code(1041), submission_fate::refused, errc::rate_limit, true},
                                           {200, code(1004), submission_fate::refused, errc::authentication, false},
                                           {200, code(1008), submission_fate::refused, errc::quota_exhausted, false},
                                           {200, code(1026), submission_fate::refused, errc::content_rejected, false},
                                           {200, code(1027), submission_fate::refused, errc::content_rejected, false},
                                           {200, code(1033), submission_fate::refused, errc::api_error, true},
                                           {200, code(1001), submission_fate::unknown, errc::timeout, false},
                                           {200, code(2013), submission_fate::refused, errc::api_error, false},
                                           {200, code(4711), submission_fate::unknown, errc::invalid_response, false},
                                           {200, code(0), submission_fate::unknown, errc::invalid_response, false},
                                           {200, R"({"data":{"audio":"zz"},"base_resp":{"status_code":0}})",
                                            submission_fate::unknown, errc::invalid_response, false},
                                           {200, R"({"data":{"audio":"4a4b"},"base_resp":{"status_code":0}})",
                                            submission_fate::unknown, errc::invalid_response, false},
                                           {200, "{}", submission_fate::unknown, errc::invalid_response, false},
                                           {502, "<html>", submission_fate::unknown, errc::api_error, true},
                                           {401, "{}", submission_fate::refused, errc::authentication, false}});
}

// --- Stability --------------------------------------------------------------------------------------------------------

TEST_CASE("Stability gets a multipart form with what it can do") {
  const stability::codec codec{"stable-audio-2.5"};
  auto request = rain();
  request.duration_seconds = 250;
  request.seed = 42;
  request.format = audio_format::wav;
  request.quality = audio_quality::draft;

  const auto wire = codec.encode(request);

  CHECK(wire.path == "/v2beta/audio/stable-audio-2/text-to-audio");
  const auto type = wire.headers.at(1).value;
  const auto boundary = type.substr(type.find('=') + 1);
  const auto field = [&](std::string_view name, std::string_view value) {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"\r\n\r\n" +
           std::string{value} + "\r\n";
  };
  CHECK(wire.body == field("prompt", request.prompt) + field("model", "stable-audio-2.5") + field("output_format", "wav") +
                         field("duration", "190") + field("seed", "42") + field("steps", "4") + "--" + boundary + "--\r\n");
}

TEST_CASE("Stability's refusals have their causes, and its own 500 costs nothing") {
  check_rows(
      stability::codec{"stable-audio-2.5"},
      {{403, R"({"id":"1","name":"content_moderation","errors":["x"]})", submission_fate::refused, errc::content_rejected, false},
       {422, R"({"id":"1","name":"invalid_language","errors":["English only"]})", submission_fate::refused,
        errc::content_rejected, false},
       {401, R"({"id":"1","name":"unauthorized","errors":["x"]})", submission_fate::refused, errc::authentication, false},
       {402, R"({"id":"1","name":"payment_required","errors":["x"]})", submission_fate::refused, errc::quota_exhausted, false},
       {429, R"({"id":"1","name":"rate_limit_exceeded","errors":["x"]})", submission_fate::refused, errc::rate_limit, true},
       {500, R"({"id":"1","name":"internal_error","errors":["x"]})", submission_fate::refused, errc::api_error, true},
       {500, "<html></html>", submission_fate::unknown, errc::api_error, true},
       {200, "{}", submission_fate::unknown, errc::invalid_response, false}});
  const auto limited = lost(stability::codec{"m"}, answer(429, "{}"));
  CHECK(limited.failure.retry_after == 60s);

  const auto filtered =
      lost(stability::codec{"m"}, answer(200, mp3, {{"Content-Type", "audio/mpeg"}, {"finish-reason", "CONTENT_FILTERED"}}));
  CHECK(filtered.fate == submission_fate::refused);
  CHECK(filtered.failure.code == errc::content_rejected);
}

// --- fal --------------------------------------------------------------------------------------------------------------

TEST_CASE("a fal model gets the fields that it has") {
  auto request = rain();
  request.duration_seconds = 60;
  request.seed = 7;
  request.lyrics = lyrics;
  request.negative_tags = "drums";
  const auto input = [&](const std::string& model) { return body_of(fal::codec{model}.encode_submission(request)); };

  CHECK(input("fal-ai/elevenlabs/music/v2") ==
        json::parse(R"({"prompt":"A mellow lofi beat with soft rain.","music_length_ms":60000})"));
  CHECK(input("fal-ai/minimax-music/v2.6").at("lyrics").as_string() == lyrics);
  CHECK(input("fal-ai/stable-audio-25/text-to-audio") ==
        json::parse(R"({"prompt":"A mellow lofi beat with soft rain.","seconds_total":60,"seed":7})"));
  CHECK(input("fal-ai/lyria2") ==
        json::parse(R"({"prompt":"A mellow lofi beat with soft rain.","negative_prompt":"drums","seed":7})"));
  CHECK(input("fal-ai/ace-step").at("lyrics").as_string() == lyrics);
  CHECK(input("someone/else") == json::parse(R"({"prompt":"A mellow lofi beat with soft rain."})"));
}

TEST_CASE("a fal song is asked for below its application, and never anywhere else") {
  const fal::codec codec{"fal-ai/elevenlabs/music/v2"};
  const auto told = codec.decode_submission(
      answer(200, R"({"request_id":"764c-1","response_url":"https://evil.example/fal-ai/elevenlabs/requests/764c-1"})"), now);
  REQUIRE(told.fate == submission_fate::accepted);
  CHECK(told.song_id == "fal-ai:elevenlabs:764c-1");
  CHECK(codec.encode_poll(told.song_id)->path == "/fal-ai/elevenlabs/requests/764c-1/status");
  CHECK(codec.encode_result(told.song_id)->path == "/fal-ai/elevenlabs/requests/764c-1");

  const auto untold = codec.decode_submission(answer(200, R"({"request_id":"764c-1"})"), now);
  CHECK(untold.song_id == "fal-ai:elevenlabs:764c-1");
  for (const std::string body : {"{}", R"({"request_id":""})", R"({"request_id":"a/b"})", "[]"}) {
    INFO(body);
    CHECK(codec.decode_submission(answer(200, body), now).fate == submission_fate::unknown);
  }
  CHECK(codec.encode_poll("no-colon").error().code == errc::song_unknown);
  for (const std::string id : {":x", "x:", "a::x", "..:x", "a:..:x", "a:.."})
    CHECK(codec.encode_poll(id).error().code == errc::song_unknown);
}

TEST_CASE("JSON whose tree would be many times its size is not read") {
  std::string zeros = "0";
  for (int i = 0; i < 100'001; ++i) zeros += ",0";
  const auto outcome =
      lost(minimax::codec{"music-2.5"}, answer(200, R"({"base_resp":{"status_code":0},"data":[)" + zeros + "]}"));
  CHECK(outcome.fate == submission_fate::unknown);
  CHECK(outcome.failure.code == errc::invalid_response);
}

TEST_CASE("a fal request whose id or application would climb out of its path is open") {
  const fal::codec codec{"fal-ai/elevenlabs/music/v2"};
  for (const std::string body :
       {R"({"request_id":".."})", R"({"request_id":"764c-1","response_url":"https://queue.fal.run/../requests/764c-1"})",
        R"({"request_id":"764c-1","response_url":"https://queue.fal.run//x/requests/764c-1"})"}) {
    CAPTURE(body);
    CHECK(codec.decode_submission(answer(200, body), now).fate == submission_fate::unknown);
  }
}

TEST_CASE("a fal request that has ended is not one that succeeded") {
  const fal::codec codec{"fal-ai/elevenlabs/music/v2"};
  CHECK(codec.decode_poll(answer(202, R"({"status":"IN_QUEUE"})"), "a:b", now)->state == song_state::generating);
  CHECK(codec.decode_poll(answer(202, R"({"status":"SOMETHING_NEW"})"), "a:b", now)->state == song_state::generating);
  CHECK(codec.decode_poll(answer(200, R"({"status":"COMPLETED"})"), "a:b", now)->state == song_state::complete);
  CHECK(codec.decode_poll(answer(404, "{}"), "a:b", now).error().code == errc::song_unknown);

  const auto done = codec.decode_result(
      answer(200, R"({"audio":{"url":"https://v3.fal.media/x.mp3","content_type":"audio/mpeg"}})"), "a:b", now);
  REQUIRE(done);
  CHECK(done->tracks.at(0).source == "https://v3.fal.media/x.mp3");
  const auto refused = codec.decode_result(answer(422, R"({"detail":"content violates the policy"})"), "a:b", now);
  REQUIRE(refused);
  CHECK(refused->state == song_state::failed);
  CHECK(refused->failure.code == errc::content_rejected);
  CHECK(codec.decode_result(answer(500, "{}"), "a:b", now)->state == song_state::failed);
  CHECK(codec.decode_result(answer(503, "{}"), "a:b", now).error().transient);
  CHECK(codec.decode_result(answer(504, "{}", {{"x-fal-request-timeout-type", "user"}}), "a:b", now)->state ==
        song_state::failed);
  CHECK(codec.decode_result(answer(200, R"({"audio":{}})"), "a:b", now).error().code == errc::invalid_response);
}

TEST_CASE("what stands before a fal model does not fail its song") {
  const fal::codec codec{"fal-ai/elevenlabs/music/v2"};
  const auto told = [&](int status, std::string body) {
    auto read = codec.decode_result(answer(status, std::move(body)), "a:b", now);
    REQUIRE(!read);
    return read.error();
  };
  for (const int status : {500, 520, 524, 530}) {
    CHECK(told(status, "<html>").code == errc::api_error);
    CHECK(told(status, "<html>").transient);
  }
  CHECK(told(401, R"({"detail":"Invalid key"})").code == errc::authentication);
  CHECK(told(403, R"({"detail":"User is locked"})").code == errc::authentication);
  CHECK(told(404, "{}").code == errc::song_unknown);
  CHECK(told(302, "").code == errc::invalid_response);
}

// --- Replicate --------------------------------------------------------------------------------------------------------

TEST_CASE("a Replicate model is asked by its name, a version by its own") {
  auto request = rain();
  request.duration_seconds = 250;
  request.seed = 7;
  const auto official = replicate::codec{"stability-ai/stable-audio-2.5"}.encode_submission(request);
  CHECK(official.path == "/v1/models/stability-ai/stable-audio-2.5/predictions");
  CHECK(body_of(official) == json::parse(R"({"input":{"prompt":"A mellow lofi beat with soft rain.","duration":190,"seed":7}})"));

  const auto version = replicate::codec{"me/my-music:0a1b"}.encode_submission(request);
  CHECK(version.path == "/v1/predictions");
  CHECK(body_of(version) ==
        json::parse(R"({"version":"me/my-music:0a1b","input":{"prompt":"A mellow lofi beat with soft rain."}})"));
}

TEST_CASE("Replicate's statuses and outputs of every shape are read") {
  const replicate::codec codec{"stability-ai/stable-audio-2.5"};
  const auto polled = [&](std::string body) { return codec.decode_poll(answer(200, std::move(body)), "p1", now); };

  CHECK(polled(R"({"status":"starting"})")->state == song_state::generating);
  CHECK(polled(R"({"status":"processing"})")->state == song_state::generating);
  for (const auto* word : {"failed", "canceled", "aborted"}) {
    CHECK(polled(std::string{R"({"error":"E1","status":")"} + word + R"("})")->state == song_state::failed);
  }
  CHECK(polled(R"({"status":"failed","error":"flagged by moderation"})")->failure.code == errc::content_rejected);
  for (const std::string output : {R"("https://replicate.delivery/a.mp3")", R"(["https://replicate.delivery/a.mp3"])",
                                   R"({"note":"x","audio":"https://replicate.delivery/a.mp3"})"}) {
    const auto done = polled(R"({"status":"succeeded","output":)" + output + "}");
    REQUIRE(done);
    REQUIRE(done->tracks.size() == 1);
    CHECK(done->tracks[0].source == "https://replicate.delivery/a.mp3");
  }
  CHECK(polled(R"({"status":"succeeded","output":null,"data_removed":true})").error().code == errc::song_unknown);
  CHECK(polled(R"({"status":"succeeded","output":null})").error().code == errc::invalid_response);
}

// --- ACE-Step ---------------------------------------------------------------------------------------------------------

TEST_CASE("ACE-Step gets a caption with lyrics, or a description where it shall write them") {
  const acestep::codec codec{""};
  auto request = rain();
  CHECK(body_of(codec.encode_submission(request)) ==
        json::parse(R"({"sample_query":"A mellow lofi beat with soft rain.","audio_format":"mp3","batch_size":1})"));

  request.lyrics = lyrics;
  request.seed = 7;
  request.duration_seconds = 60;
  request.format = audio_format::flac;
  request.model = "acestep-v15-turbo";
  const auto sung = body_of(codec.encode_submission(request));
  CHECK(sung.at("lyrics").as_string() == lyrics);
  CHECK(sung.at("use_random_seed").as_bool() == false);
  CHECK(sung.at("audio_format").as_string() == "flac");
  CHECK(sung.at("model").as_string() == "acestep-v15-turbo");

  request.instrumental = true;
  CHECK(body_of(codec.encode_submission(request)).at("lyrics").as_string() == "[Instrumental]");
}

TEST_CASE("ACE-Step's tasks are read from JSON in JSON, and one that it forgot is told from one that waits") {
  const acestep::codec codec{""};
  const auto taken =
      codec.decode_submission(answer(200, R"({"data":{"task_id":"t-1","status":"queued"},"code":200,"error":null})"), now);
  REQUIRE(taken.fate == submission_fate::accepted);
  CHECK(taken.song_id == "t-1:1771151445");
  CHECK(body_of(codec.encode_poll(taken.song_id).value()) == json::parse(R"({"task_id_list":["t-1"]})"));

  const auto polled = [&](std::string task, wall_time at) {
    return codec.decode_poll(answer(200, R"({"data":[)" + task + R"(],"code":200,"error":null})"), taken.song_id, at);
  };
  const std::string nothing = R"({"task_id":"t-1","status":0,"result":"[]"})";
  CHECK(polled(nothing, now + 10s)->state == song_state::generating);
  CHECK(polled(nothing, now + 61s).error().code == errc::song_unknown);
  CHECK(polled(R"({"task_id":"t-1","status":0,"result":"[{\"stage\":\"queued\"}]"})", now + 1h)->state == song_state::generating);
  CHECK(polled(R"({"task_id":"t-1","status":2,"result":"[{\"stage\":\"failed\"}]"})", now)->state == song_state::failed);
  const auto done = polled(
      R"({"task_id":"t-1","status":1,"result":"[{\"file\":\"/v1/audio?path=%2Ftmp%2Fa.mp3\",\"metas\":{\"duration\":61}}]"})",
      now);
  REQUIRE(done);
  CHECK(done->tracks.at(0).source == "/v1/audio?path=%2Ftmp%2Fa.mp3");
  CHECK(done->tracks.at(0).duration_seconds == 61);
  CHECK(polled(R"({"task_id":"t-1","status":1,"result":"[{\"file\":\"\"}]"})", now).error().code == errc::invalid_response);
}

TEST_CASE("an answer of ACE-Step's outside its form tells nothing of the task") {
  const acestep::codec codec{""};
  for (const std::string body : {"", "<html>", "[]", "{}", R"({"code":0})", R"({"data":{"task_id":".."},"code":200})"}) {
    CAPTURE(body);
    CHECK(codec.decode_submission(answer(200, body), now).fate == submission_fate::unknown);
  }
  for (const std::string body :
       {"{}", R"({"data":"x","code":200})", R"({"data":[17],"code":200})", R"({"data":[{"status":"1"}],"code":200})"}) {
    CAPTURE(body);
    CHECK(codec.decode_poll(answer(200, body), "t-1:1771151445", now).error().code == errc::invalid_response);
  }
  CHECK(codec.decode_poll(answer(200, R"({"data":[],"code":4294967496})"), "t-1:1771151445", now).error().transient);
  CHECK(codec.decode_poll(answer(200, R"({"data":[],"code":200})"), "t-1:1771151445", now)->state == song_state::generating);
}

TEST_CASE("ACE-Step's refusals cost nothing") {
  const acestep::codec codec{""};
  CHECK(codec.decode_submission(answer(429, R"({"detail":"Server busy: queue is full"})"), now).failure.code == errc::rate_limit);
  const auto inner = codec.decode_submission(answer(200, R"({"data":null,"code":500,"error":"out of memory"})"), now);
  CHECK(inner.fate == submission_fate::refused);
  CHECK(inner.failure.transient);
  CHECK(codec.encode_poll("no-age").error().code == errc::song_unknown);
}
