#include "fake_ports.hpp"
#include "log_capture.hpp"
#include "run_virtual.hpp"

#include <music/skills/prompt_desk.hpp>

#include <boost/asio/co_spawn.hpp>

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

  result<written_prompt> write(prompt_service& desk) {
    return run_virtual_for(context, clock, desk.write({"rainy night", {}, {}, {}}, &stop));
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "a prompt that takes longer than the desk's time limit is given up") {
  const auto desk = create_prompt_desk(*skill, clock, {.time_limit = 5s});
  writer.answers.add(good_prompt(), 4s);
  writer.answers.add(good_prompt(), 6s);

  CHECK(write(*desk)->text == good_prompt().text);
  CHECK(write(*desk).error().code == errc::deadline_exceeded);
}

TEST_CASE_METHOD(fixture, "a drain ends a prompt that is being written") {
  const auto desk = create_prompt_desk(*skill, clock);
  writer.answers.add(good_prompt(), 4s);
  stop.set();

  CHECK(write(*desk).error().code == errc::canceled);
}

TEST_CASE_METHOD(fixture, "past the limit a prompt is refused, and an ended one makes room") {
  const auto desk = create_prompt_desk(*skill, clock, {.most_at_once = 1});
  writer.answers.add(good_prompt(), 4s);
  std::optional<result<written_prompt>> first;
  asio::co_spawn(context, desk->write({"rainy night", {}, {}, {}}, &stop),
                 [&first](std::exception_ptr, result<written_prompt> written) { first = std::move(written); });
  context.poll();
  REQUIRE_FALSE(first);

  CHECK(write(*desk).error().code == errc::queue_full);

  while (!first) clock.advance_to_next(), context.restart(), context.poll();
  CHECK(first->has_value());
  CHECK(write(*desk).has_value());
}
