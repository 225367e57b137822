#include "catch_result.hpp"
#include "fake_ports.hpp"
#include "log_capture.hpp"
#include "run_virtual.hpp"

#include <music/skills/prompt_cache.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace music;
using namespace music::test;

namespace {

struct fixture {
  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  seeded_random random{1};
  fake_writer writer{clock};
  prompt_cache cache{10min, 3};
  std::unique_ptr<prompt_generator> skill = cached_by("gpt-4/song-1");
  event stop{context.get_executor()};

  std::unique_ptr<prompt_generator> cached_by(std::string name) {
    return create_cached_prompt_generator(create_prompt_generator(writer, clock, random), cache, std::move(name), clock);
  }

  result<written_prompt> ask(prompt_request request) { return ask(*skill, std::move(request)); }

  result<written_prompt> ask(prompt_generator& whom, prompt_request request) {
    return run_virtual_for(context, clock, whom.generate(std::move(request), clock.now() + 60s, &stop, nullptr));
  }
};

prompt_request about(std::string theme) { return {.theme = std::move(theme)}; }

sha256_digest key(int number) { return sha256_of(std::to_string(number)); }

written_prompt numbered(int number) { return {"prompt " + std::to_string(number), "m", 1}; }

}  // namespace

TEST_CASE_METHOD(fixture, "an equal request is answered from the cache and costs no tokens") {
  auto planned = good_prompt();
  planned.plan.title = "Neon Rain";
  writer.answers.add(planned);

  const auto first = ask(about("rainy night"));
  const auto second = ask(about("rainy night"));

  REQUIRE(first);
  CHECK(first->tokens_used == 145);
  CHECK_FALSE(first->cached);
  REQUIRE(second);
  CHECK(second->text == first->text);
  CHECK(second->plan == first->plan);
  CHECK(second->model == first->model);
  CHECK(second->tokens_used == 0);
  CHECK(second->cached);
  CHECK(writer.asked.size() == 1);
}

TEST_CASE_METHOD(fixture, "whatever changes the prompt makes another request of it") {
  writer.answers.add(good_prompt());
  const std::vector<prompt_request> different{{.theme = "rain"},
                                              {.theme = "rain", .tags = "lofi"},
                                              {.theme = "rain", .style = "lofi"},
                                              {.theme = "rain", .instrumental = true},
                                              {.theme = "rain", .instrumental = false},
                                              {.theme = "rain", .lyrics = "lofi"}};

  for (const auto& request : different) CHECK_FALSE(ask(request)->cached);

  const auto newer = cached_by("gpt-4/song-2");
  CHECK_FALSE(ask(*newer, different.back())->cached);
  CHECK(ask(different.back())->cached);
}

TEST_CASE_METHOD(fixture, "a prompt is forgotten when its time has passed") {
  writer.answers.add(good_prompt());
  REQUIRE(ask(about("rain")));
  clock.advance(10min - 1s);
  CHECK(ask(about("rain"))->cached);  // being used does not make it younger
  clock.advance(1s);

  CHECK_FALSE(ask(about("rain"))->cached);
  CHECK(writer.asked.size() == 2);
}

TEST_CASE_METHOD(fixture, "a failure is not kept") {
  writer.answers.add(error{errc::content_rejected});
  writer.answers.add(good_prompt());

  CHECK(ask(about("rain")).error().code == errc::content_rejected);
  CHECK_FALSE(ask(about("rain"))->cached);
}

TEST_CASE("a full cache lets go of what was used longest ago") {
  prompt_cache cache{1h, 3};
  const time_point now{};
  for (int i = 0; i < 3; ++i) cache.keep(key(i), numbered(i), now);
  REQUIRE(cache.find(key(0), now));

  cache.keep(key(3), numbered(3), now);

  CHECK(cache.size() == 3);
  CHECK(cache.find(key(0), now)->text == "prompt 0");
  CHECK_FALSE(cache.find(key(1), now));
  CHECK(cache.find(key(3), now)->text == "prompt 3");
}

TEST_CASE("keeping the same request again replaces it") {
  prompt_cache cache{1h, 3};
  cache.keep(key(1), numbered(1), time_point{});
  cache.keep(key(1), numbered(2), time_point{} + 50min);

  CHECK(cache.size() == 1);
  CHECK(cache.find(key(1), time_point{} + 90min)->text == "prompt 2");
}

TEST_CASE("threads share a cache and never see each other's prompts") {
  prompt_cache cache{1h, 16};
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, &wrong, t] {
      for (int i = 0; i < 2000; ++i) {
        const int number = (i * 7 + t) % 32;
        cache.keep(key(number), numbered(number), time_point{});
        const auto found = cache.find(key(number), time_point{});
        if (found && found->text != numbered(number).text) ++wrong;
      }
    });
  }
  for (auto& each : threads) each.join();

  CHECK(wrong == 0);
  CHECK(cache.size() <= 16);
}

TEST_CASE_METHOD(fixture, "the log tells that the cache answered, never the theme") {
  log_capture lines;
  writer.answers.add(good_prompt());
  REQUIRE(ask(about("a very secret theme")));
  REQUIRE(ask(about("a very secret theme")));

  const auto text = lines.text();
  CHECK(text.find("prompt cache") != std::string::npos);
  CHECK(text.find("secret") == std::string::npos);
}
