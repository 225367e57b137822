#include "log_capture.hpp"

#include <music/base/log.hpp>
#include <music/base/redact.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <regex>

using namespace music;

TEST_CASE("a line has the design document's format") {
  test::log_capture capture;

  log::info({"music_orchestrator", "OpenAI/ChatGPT", "generate_music_prompt", "success"},
            {{"theme_length", 25}, {"model", "gpt-4"}});
  const auto lines = capture.lines();

  REQUIRE(lines.size() == 1);
  const std::regex form{
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z - music_orchestrator - INFO - API: OpenAI/ChatGPT \| Operation: generate_music_prompt )"
      R"(\| Status: success \| Details: \{'theme_length': 25, 'model': 'gpt-4'\})"};
  CHECK(std::regex_match(lines[0], form));
}

TEST_CASE("a JSON line is one object with the same parts") {
  test::log_capture capture{log::format::json};

  log::warning({"http", "client", "POST /generate", "error"},
               {{"status", 429}, {"slow", true}, {"share", 0.5}, {"what", "a\nb"}});
  const auto lines = capture.lines();

  REQUIRE(lines.size() == 1);
  const auto line = boost::json::parse(lines[0]).as_object();
  CHECK(line.at("level").as_string() == "WARNING");
  CHECK(line.at("operation").as_string() == "POST /generate");
  CHECK(line.at("details").as_object().at("status").as_int64() == 429);
  CHECK(line.at("details").as_object().at("what").as_string() == "a\\x0ab");
}

TEST_CASE("text in a detail can neither end the line nor the dictionary") {
  test::log_capture capture;

  log::info({"a", "b", "c", "d"}, {{"what", "x'}\n2026-01-01 - forged - INFO"}});
  const auto lines = capture.lines();

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find('\n') == std::string::npos);
  CHECK(lines[0].find(R"('x\'})") != std::string::npos);
}

TEST_CASE("a registered secret does not get into a line") {
  register_secret("correct-horse-battery");
  test::log_capture capture;

  log::error({"a", "b", "c", "d"}, {{"what", "failed with correct-horse-battery!"}});

  CHECK(capture.text().find("correct-horse") == std::string::npos);
}

TEST_CASE("what is below the threshold is not written") {
  std::vector<std::string> lines;
  log::start({log::level::warning, log::format::text, [&](std::string_view line) { lines.emplace_back(line); }});

  log::info({"a", "b", "c", "quiet"});
  log::warning({"a", "b", "c", "loud"});
  log::stop();

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("loud") != std::string::npos);
}
