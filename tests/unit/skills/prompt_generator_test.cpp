#include "fake_ports.hpp"
#include "log_capture.hpp"
#include "run_virtual.hpp"

#include <music/skills/prompt_generator.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  fake_writer writer{clock};
  std::unique_ptr<prompt_generator> skill = create_prompt_generator(writer, clock, random);
  event stop{context.get_executor()};

  result<written_prompt> generate(std::chrono::seconds patience = 60s) {
    return run_virtual_for(context, clock, skill->generate({"rainy night", {}, {}, {}}, clock.now() + patience, &stop, nullptr));
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "a good answer is given after one call") {
  writer.answers.add(good_prompt(), 3s);

  const auto written = generate();

  CHECK(written->text == good_prompt().text);
  CHECK(written->tokens_used == 145);
  CHECK(writer.asked.size() == 1);
}

TEST_CASE_METHOD(fixture, "what may pass is tried again, at most four times in all") {
  const auto cause = GENERATE(errc::rate_limit, errc::timeout, errc::request_error, errc::openai_api);
  writer.answers.add(error{cause});

  CHECK(generate().error().code == cause);
  CHECK(writer.asked.size() == 4);
}

TEST_CASE_METHOD(fixture, "what will not pass is not tried again") {
  const auto cause =
      GENERATE(errc::authentication, errc::quota_exhausted, errc::api_error, errc::content_rejected, errc::invalid_response);
  writer.answers.add(error{cause});

  CHECK(generate().error().code == cause);
  CHECK(writer.asked.size() == 1);
}

TEST_CASE_METHOD(fixture, "a second try that succeeds is a success") {
  writer.answers.add(error{errc::openai_api});
  writer.answers.add(good_prompt());

  CHECK(generate().has_value());
  CHECK(writer.asked.size() == 2);
}

TEST_CASE_METHOD(fixture, "Retry-After is waited for") {
  error busy{errc::rate_limit};
  busy.retry_after = 20s;
  writer.answers.add(busy);
  writer.answers.add(good_prompt());
  const auto started = clock.now();

  CHECK(generate().has_value());
  CHECK(clock.now() - started >= 20s);
}

TEST_CASE_METHOD(fixture, "a Retry-After beyond the deadline is not waited for") {
  error busy{errc::rate_limit};
  busy.retry_after = 3600s;
  writer.answers.add(busy);
  const auto started = clock.now();

  CHECK(generate().error().code == errc::rate_limit);
  CHECK(clock.now() == started);
}

TEST_CASE_METHOD(fixture, "a writer that hangs ends at the deadline") {
  writer.answers.add(good_prompt(), 1h);
  const auto started = clock.now();

  CHECK(generate(30s).error().code == errc::deadline_exceeded);
  CHECK(clock.now() == started + 30s);
}

TEST_CASE_METHOD(fixture, "a stop ends the call") {
  writer.answers.add(good_prompt(), 1h);
  stop.set();

  CHECK(generate().error().code == errc::canceled);
}

TEST_CASE_METHOD(fixture, "an answer outside the rules is an invalid response") {
  const auto text =
      GENERATE(as<std::string>{}, "short", "", std::string(2001, 'a'), "a fine prompt with a \x07 bell", "    spaces    ");
  writer.answers.add(written_prompt{text, "m", 1});

  CHECK(generate().error().code == errc::invalid_response);
}

TEST_CASE_METHOD(fixture, "whoever listens hears of the turn, and can refuse it") {
  struct : prompt_listener {
    task<bool> begun() override {
      ++heard;
      co_return wanted;
    }
    int heard = 0;
    bool wanted = true;
  } listener;
  upstream_gate gate{{.most_at_once = 1}};
  const auto in_turn = create_prompt_generator(writer, clock, random, {}, &gate);
  const auto ask = [&] {
    return run_virtual_for(context, clock, in_turn->generate({"rainy night", {}, {}, {}}, clock.now() + 60s, &stop, &listener));
  };

  SECTION("once, however often the writer is asked") {
    writer.answers.add(error{errc::openai_api});
    writer.answers.add(good_prompt());
    CHECK(ask().has_value());
    CHECK(listener.heard == 1);
  }
  SECTION("not while others have all turns") {
    const auto held = run_virtual_for(context, clock, gate.enter({"somebody", wall_time{}, false}, clock, clock.now(), nullptr));
    CHECK(ask().error().code == errc::deadline_exceeded);
    CHECK(listener.heard == 0);
  }
  SECTION("a refusal asks nobody and keeps no turn") {
    listener.wanted = false;
    CHECK(ask().error().code == errc::canceled);
    CHECK(writer.asked.empty());
    CHECK(run_virtual_for(context, clock, gate.enter({"somebody", wall_time{}, false}, clock, clock.now(), nullptr)).has_value());
  }
}

TEST_CASE_METHOD(fixture, "neither theme nor prompt gets into the log") {
  log_capture capture;
  writer.answers.add(good_prompt());

  CHECK(generate().has_value());
  const auto logged = capture.text();

  CHECK(logged.find("Operation: generate_music_prompt | Status: success | Details: {'theme_length': 11") != std::string::npos);
  CHECK(logged.find("rainy") == std::string::npos);
  CHECK(logged.find("mellow") == std::string::npos);
}
