#include <music/base/metrics.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace music;

namespace {

std::string text_of(const counter_family& family) {
  std::string out;
  family.append(out);
  return out;
}

}  // namespace

TEST_CASE("a family has its head and a line for each combination of values") {
  counter_family calls{"calls_total", "Calls.", {"api", "outcome"}};
  calls.add({"suno", "2xx"});
  calls.add({"openai", "429"}, 3);
  calls.add({"suno", "2xx"});

  CHECK(text_of(calls) ==
        "# HELP calls_total Calls.\n# TYPE calls_total counter\n"
        "calls_total{api=\"openai\",outcome=\"429\"} 3\ncalls_total{api=\"suno\",outcome=\"2xx\"} 2\n");
}

TEST_CASE("a family without a sample still has its head") {
  CHECK(text_of(counter_family{"x_total", "X.", {"a"}}) == "# HELP x_total X.\n# TYPE x_total counter\n");
}

TEST_CASE("a gauge without labels is one line") {
  std::string out;
  append_metric_head(out, "jobs_active", metric_type::gauge, "Jobs.");
  append_sample(out, "jobs_active", {}, {}, 7);

  CHECK(out == "# HELP jobs_active Jobs.\n# TYPE jobs_active gauge\njobs_active 7\n");
}

TEST_CASE("no value can end its quotes or its line") {
  std::string out;
  append_sample(out, "x", {"a"}, {"q\"b\\n\nz"}, 1);

  CHECK(out == "x{a=\"q\\\"b\\\\n\\nz\"} 1\n");
}

TEST_CASE("past the bound everything new is counted together") {
  counter_family family{"x_total", "X.", {"a", "b"}, 2};
  for (const std::string_view value : {"1", "2", "3", "4", "1"}) family.add({value, "v"});

  CHECK(
      text_of(family).ends_with("x_total{a=\"1\",b=\"v\"} 2\nx_total{a=\"2\",b=\"v\"} 1\nx_total{a=\"other\",b=\"other\"} 2\n"));
}

TEST_CASE("threads that count at the same time lose nothing") {
  counter_family family{"x_total", "X.", {"a"}};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&family] {
      for (int i = 0; i < 5000; ++i) family.add({"v"});
    });
  }
  for (auto& each : threads) each.join();

  CHECK(text_of(family).ends_with("x_total{a=\"v\"} 20000\n"));
}
