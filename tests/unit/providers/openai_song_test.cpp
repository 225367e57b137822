// From what a model wrote to a prompt and a plan.

#include "catch_result.hpp"
#include "json_mending.hpp"
#include "song_draft.hpp"
#include "text_repair.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/core/rules.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;
using openai::read_song;

namespace {

const std::string description = "A mellow lofi beat with soft vibraphone and dusty drums.";
const std::string lyrics = "[Verse 1]\nRain on the glass\n\n[Chorus]\nStay a while";

std::string song_json(const std::string& more = {}) {
  return R"({"description":")" + description +
         R"(","title":"Neon Rain","tags":"lofi, warm piano","negative_tags":"distortion",)" +
         R"("instrumental":false,"bpm":82,"key":"A minor","lyrics":"[Verse 1]\nRain on the glass\n\n[Chorus]\nStay a while")" +
         more + "}";
}

result<written_prompt> read(std::string content, bool cut_off = false, const prompt_request& request = {.theme = "rain"}) {
  return read_song({.content = std::move(content), .cut_off = cut_off}, request);
}

std::string with_lyrics(std::string_view text) {
  std::string json = R"({"description":")" + description + R"(","lyrics":)";
  append_json_string(json, text);
  return json + '}';
}

std::string repaired(std::string_view text, std::size_t longest = longest_lyrics, bool cut_off = false) {
  return openai::repair_lyrics(text, longest, cut_off);
}

}  // namespace

TEST_CASE("a whole song becomes the prompt and the plan") {
  const auto song = read(song_json());

  REQUIRE(song);
  CHECK(song->text == description);
  CHECK(song->plan.title == "Neon Rain");
  CHECK(song->plan.tags == "lofi, warm piano, 82 BPM, A minor");
  CHECK(song->plan.negative_tags == "distortion");
  CHECK(song->plan.instrumental == false);
  CHECK(song->plan.bpm == 82);
  CHECK(song->plan.key == "A minor");
  CHECK(song->plan.lyrics == lyrics);
}

TEST_CASE("a song is found in a fence, after thoughts and inside of prose") {
  for (const auto& content : {"```json\n" + song_json() + "\n```", "<think>lofi {maybe}</think>" + song_json(),
                              "Here is your song:\n" + song_json() + "\nEnjoy!", "Sure!\n```json\n" + song_json() + "\n```",
                              "```\n" + song_json() + "```"}) {
    CAPTURE(content);
    const auto song = read(content);
    REQUIRE(song);
    CHECK(song->text == description);
    CHECK(song->plan.lyrics == lyrics);
  }
}

TEST_CASE("prose without a song is the prompt") {
  for (const auto& content : {description, std::string{"A {dreamy} pad over slow drums and a warm bass."}}) {
    const auto song = read(content);
    REQUIRE(song);
    CHECK(song->text == content);
    CHECK(song->plan == song_plan{});
  }
}

TEST_CASE("raw line breaks in strings, trailing commas and a lost end are mended") {
  const auto song =
      read(R"({"description": ")" + description + "\",\n\"lyrics\": \"[Verse]\nOne\n\tTwo\",\n\"title\": \"Rain\",\n");

  REQUIRE(song);
  CHECK(song->plan.lyrics == "[Verse]\nOne\nTwo");
  CHECK(openai::mend_json(R"({"a":[1,{"b":"c)").text == R"({"a":[1,{"b":"c"}]})");
  CHECK(openai::mend_json(R"({"a":"b\u12)").text == R"({"a":"b"})");
  CHECK(openai::mend_json("{\"a\":\"b\\").text == R"({"a":"b"})");
  CHECK(openai::mend_json(R"({"a":"}"} and more {)").text == R"({"a":"}"})");
  CHECK_FALSE(openai::mend_json(R"({"a":1})").cut);
}

TEST_CASE("a song that was cut off in its lyrics keeps the whole sections") {
  const auto whole = song_json();
  const auto song = read(whole.substr(0, whole.find("Stay a") + 6), true);

  REQUIRE(song);
  CHECK(song->text == description);
  CHECK(song->plan.title == "Neon Rain");
  CHECK(song->plan.lyrics == "[Verse 1]\nRain on the glass");
}

TEST_CASE("a song that was cut off before its lyrics loses the incomplete member only") {
  const auto whole = song_json();
  const auto song = read(whole.substr(0, whole.find("distor") + 6), true);

  REQUIRE(song);
  CHECK(song->plan.title == "Neon Rain");
  CHECK(song->plan.negative_tags.empty());
}

TEST_CASE("what cannot be used says what the model should do better") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "not one whole JSON object"},
      {"short", "not one whole JSON object"},
      {"{\"description\" 5}", "not one whole JSON object"},
      {R"({"title":"x"})", "description"},
      {R"({"description":"short"})", "description"},
      {R"({"description":17})", "description"},
      {R"({"description":"a bell \u0007 rings in the text"})", "description"},
      {R"({"description":null,"lyrics":"la la la"})", "description"},
      {"\xff\xfe not UTF-8 at all", "not one whole JSON object"}};
  for (const auto& [content, reason] : rows) {
    CAPTURE(content);
    const auto song = read(content);
    REQUIRE(!song);
    CHECK(song.error().code == errc::invalid_response);
    CHECK(song.error().detail.find(reason) != std::string::npos);
    CHECK(song.error().detail.find("Answer again") != std::string::npos);
  }
  CHECK(read(R"({"description":"A mellow lo)", true).error().detail.find("cut off") != std::string::npos);
}

TEST_CASE("what the caller said is not planned again") {
  const auto own_words = read(song_json(), false, {.theme = "rain", .lyrics = "My own words"});
  REQUIRE(own_words);
  CHECK(own_words->plan.lyrics.empty());
  CHECK(!own_words->plan.instrumental);

  const auto played = read(song_json(), false, {.theme = "rain", .instrumental = true});
  REQUIRE(played);
  CHECK(played->plan.lyrics.empty());
  CHECK(!played->plan.instrumental);
}

TEST_CASE("nobody sings in a song that the model calls instrumental") {
  const auto song = read(R"({"description":")" + description + R"(","instrumental":true,"lyrics":"[Intro]","negative_tags":""})");

  REQUIRE(song);
  CHECK(song->plan.instrumental == true);
  CHECK(song->plan.lyrics.empty());
  CHECK(song->plan.negative_tags == "vocals");
}

TEST_CASE("members of another type are brought into form or left out") {
  const auto song = read(
      R"({"description":")" + description +
      R"(","title":["Neon","Rain"],"tags":["lofi","warm"],"bpm":"92 BPM","key":7,"instrumental":"no","lyrics":["[Verse]","One"]})");

  REQUIRE(song);
  CHECK(song->plan.title == "Neon Rain");
  CHECK(song->plan.tags == "lofi, warm, 92 BPM");
  CHECK(song->plan.bpm == 92);
  CHECK(song->plan.key.empty());
  CHECK(!song->plan.instrumental);
  CHECK(song->plan.lyrics == "[Verse]\nOne");
}

TEST_CASE("tempos and keys that cannot be are left out") {
  for (const std::string facts :
       {R"("bpm":0,"key":"loud")", R"("bpm":9000,"key":"")", R"("bpm":-3,"key":null)", R"("bpm":null)", R"("bpm":1e300)"}) {
    const auto song = read(R"({"description":")" + description + R"(","tags":"lofi",)" + facts + "}");
    REQUIRE(song);
    CHECK(!song->plan.bpm);
    CHECK(song->plan.key.empty());
    CHECK(song->plan.tags == "lofi");
  }
}

TEST_CASE("whatever a model writes, the plan satisfies the rules of a request") {
  const std::string hostile =
      R"(<b>*Ne\u0007on*</b> {Rain} \u202e [x] \ud83d\udc69\u200d\ud83d\ude80 `rm`\n)" + std::string(400, 'x');
  std::string json = R"({"description":")" + description + '"';
  for (const std::string member : {"title", "tags", "negative_tags", "key"}) json += ",\"" + member + "\":\"" + hostile + '"';
  std::string lines;
  for (int i = 0; i < 900; ++i) lines += "[Verse " + std::to_string(i) + R"(]\n\u0007line\u202e\n)";
  const auto song = read(json + R"(,"lyrics":")" + lines + "\"}");

  REQUIRE(song);
  const auto& plan = song->plan;
  CHECK(check_line(plan.title, 0, longest_title) == text_problem::none);
  CHECK(check_tags(plan.tags) == text_problem::none);
  CHECK(check_tags(plan.negative_tags) == text_problem::none);
  CHECK(check_line(plan.key, 0, 40) == text_problem::none);
  CHECK(check_lyrics(plan.lyrics) == text_problem::none);
  CHECK(plan.lyrics.size() > 4000);
}

TEST_CASE("section tags stand alone on their lines however they were dressed up") {
  CHECK(repaired("**Verse 1:**\nOne\n(Chorus)\nTwo\n## Bridge\nThree\n[Outro] Four") ==
        "[Verse 1]\nOne\n[Chorus]\nTwo\n[Bridge]\nThree\n[Outro]\nFour");
  CHECK(repaired("Verse after verse\n(ooh)\nThe end") == "Verse after verse\n(ooh)\nThe end");
  CHECK(repaired("[Verse]\n\n\n\nOne\r\nTwo") == "[Verse]\n\nOne\nTwo");
}

TEST_CASE("lyrics that are too long lose sections from the end, but not the first chorus") {
  const std::string text = "[Verse 1]\naaaa\n[Chorus]\nbbbb\n[Verse 2]\ncccc\n[Chorus]\ndddd";
  CHECK(repaired(text, 100) == text);
  CHECK(repaired(text, 45) == "[Verse 1]\naaaa\n[Chorus]\nbbbb\n[Verse 2]\ncccc");
  CHECK(repaired("[Verse 1]\naaaa\n[Verse 2]\ncccc\n[Chorus]\nbbbb", 32) == "[Verse 1]\naaaa\n[Chorus]\nbbbb");
  CHECK(repaired("one line\nand another\nand more", 15) == "one line");
  CHECK(repaired(std::string(30, 'x'), 15).empty());
}

TEST_CASE("lyrics that were cut off end with something whole") {
  CHECK(repaired("[Verse]\nOne\n[Chorus]\nTw", 5000, true) == "[Verse]\nOne");
  CHECK(repaired("One\nTw", 5000, true) == "One");
  CHECK(repaired("On", 5000, true).empty());
}

TEST_CASE("lyrics in JSON keep their line breaks") {
  CHECK(read(with_lyrics("[Verse]\nOne\nTwo"))->plan.lyrics == "[Verse]\nOne\nTwo");
}

TEST_CASE("tags are cleaned, told once and dropped from the end") {
  CHECK(openai::repair_tags("lofi, [warm], Lofi,, piano; slow\nsad", 200) == "lofi, warm, piano, slow, sad");
  CHECK(openai::repair_tags("lofi, warm, piano", 11) == "lofi, warm");
  CHECK(openai::repair_tags("", 200).empty());
}

TEST_CASE("a line loses what is not allowed and ends with a whole word") {
  CHECK(openai::repair_line("**Neon Rain**", 80) == "Neon Rain");
  CHECK(openai::repair_line("Neon\nRain\t!", 80) == "Neon Rain !");
  CHECK(openai::repair_line("one two three", 9) == "one two");
  CHECK(openai::repair_line("夜の雨が降る", 3) == "夜の雨");
}
