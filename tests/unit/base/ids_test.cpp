#include <music/base/ids.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace music;
using namespace std::chrono_literals;

namespace {

constexpr wall_time some_day{std::chrono::milliseconds{1'771'151'445'123}};

}  // namespace

TEST_CASE("a job id is read back as it was written") {
  seeded_random random{1};

  const auto id = job_id::make(random, some_day);

  CHECK(id.text().size() == 40);
  CHECK(id.text().starts_with("job_"));
  CHECK(job_id::parse(id.text()) == id);
}

TEST_CASE("job ids made later sort later") {
  seeded_random random{2};

  const auto first = job_id::make(random, some_day);
  const auto second = job_id::make(random, some_day + 1ms);

  CHECK(first < second);
}

TEST_CASE("job ids made at the same time differ") {
  seeded_random random{3};
  std::set<std::string> seen;

  for (int i = 0; i < 1000; ++i) seen.insert(job_id::make(random, some_day).text());

  CHECK(seen.size() == 1000);
}

TEST_CASE("what is not a job id is refused") {
  seeded_random random{4};
  const auto good = job_id::make(random, some_day).text();
  const std::string bad =
      GENERATE_COPY(as<std::string>{}, "", "job_", "../../etc/passwd", good + "0", good.substr(1), "JOB_" + good.substr(4),
                    good.substr(0, 39) + "u", good.substr(0, 39) + "%", good.substr(0, 39) + std::string(1, '\0'));

  CHECK_FALSE(job_id::parse(bad));
}

TEST_CASE("request ids carry 130 random bits") {
  seeded_random random{5};

  CHECK(make_request_id(random).size() == 26);
  CHECK(make_request_id(random) != make_request_id(random));
}
