#include <music/core/request.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::chrono_literals;

namespace {

generate_request good() {
  generate_request request;
  request.theme = "rainy night in Tokyo, lofi";
  return request;
}

std::vector<std::string> wrong_fields(generate_request request) {
  std::vector<std::string> fields;
  for (const auto& problem : validate(request)) fields.push_back(problem.field);
  return fields;
}

}  // namespace

TEST_CASE("a good request has no problems and its texts are trimmed") {
  auto request = good();
  request.theme = "  rainy night  ";
  request.tags = " lofi ";

  CHECK(validate(request).empty());
  CHECK(request.theme == "rainy night");
  CHECK(request.tags == "lofi");
}

TEST_CASE("every field that is wrong is named") {
  auto request = good();
  request.theme = "ab";
  request.tags = std::string(201, 'a');
  request.title = std::string(81, 'a');
  request.duration_seconds = 19;
  request.seed = largest_seed + 1;
  request.deadline = 4s;
  request.metadata = {{"bad key", "v"}};

  CHECK(wrong_fields(request) == std::vector<std::string>{"theme", "tags", "title", "duration_seconds", "seed", "deadline_seconds", "metadata"});
}

TEST_CASE("a message never quotes the value") {
  auto request = good();
  request.theme = "<script>alert</script>";

  const auto problems = validate(request);

  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message.find("script") == std::string::npos);
}

TEST_CASE("metadata is bounded in number and size") {
  auto request = good();
  for (int i = 0; i < 16; ++i) request.metadata.emplace_back("k" + std::to_string(i), "v");
  CHECK(wrong_fields(request).empty());

  request.metadata.emplace_back("one-more", "v");
  CHECK(wrong_fields(request) == std::vector<std::string>{"metadata"});

  request.metadata = {{"k", std::string(513, 'a')}};
  CHECK(wrong_fields(request) == std::vector<std::string>{"metadata"});
}

TEST_CASE("equal requests have equal fingerprints and every field counts") {
  const auto base = fingerprint(good());
  CHECK(fingerprint(good()) == base);

  auto other = good();
  other.theme += "!";
  CHECK(fingerprint(other) != base);
  other = good();
  other.tags = "x";
  CHECK(fingerprint(other) != base);
  other = good();
  other.instrumental = false;
  CHECK(fingerprint(other) != base);
  other = good();
  other.seed = 0;
  CHECK(fingerprint(other) != base);
  other = good();
  other.metadata = {{"a", "b"}};
  CHECK(fingerprint(other) != base);
}

TEST_CASE("the order of metadata does not matter, its pairing does") {
  auto one = good();
  auto two = good();
  one.metadata = {{"a", "1"}, {"b", "2"}};
  two.metadata = {{"b", "2"}, {"a", "1"}};
  CHECK(fingerprint(one) == fingerprint(two));

  two.metadata = {{"a", "2"}, {"b", "1"}};
  CHECK(fingerprint(one) != fingerprint(two));
}
