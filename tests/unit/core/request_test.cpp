#include <music/core/request.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

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

  CHECK(wrong_fields(request) ==
        std::vector<std::string>{"theme", "tags", "title", "duration_seconds", "seed", "deadline_seconds", "metadata"});
}

TEST_CASE("lyrics may have lines, sections and 5000 characters, and nothing that hides") {
  auto request = good();
  request.lyrics = "\n[Verse 1]\r\nNeon on the water\r\n\n[Chorus]\nStay (stay)\n";
  CHECK(validate(request).empty());
  CHECK(request.lyrics == "[Verse 1]\nNeon on the water\n\n[Chorus]\nStay (stay)");

  request.lyrics = std::string(5000, 'a');
  CHECK(wrong_fields(request).empty());
  request.lyrics += 'a';
  CHECK(wrong_fields(request) == std::vector<std::string>{"lyrics"});
  request.lyrics = "bell \a";
  CHECK(wrong_fields(request) == std::vector<std::string>{"lyrics"});
  request.lyrics = "right-to-left \xe2\x80\xae override";
  CHECK(wrong_fields(request) == std::vector<std::string>{"lyrics"});
}

TEST_CASE("negative tags are a line of their own length") {
  auto request = good();
  request.negative_tags = std::string(1000, 'a');
  CHECK(wrong_fields(request).empty());
  request.negative_tags += 'a';
  CHECK(wrong_fields(request) == std::vector<std::string>{"negative_tags"});
}

TEST_CASE("a model is words that are safe in a path") {
  auto request = good();
  for (const auto* fine : {"", "V5_5", "music-2.6", "fal-ai/minimax-music/v2.6", "owner/name:0a1b2c", "a..b"}) {
    request.model = fine;
    INFO(fine);
    CHECK(wrong_fields(request).empty());
  }
  for (const auto& bad :
       {std::string{"a b"}, std::string{"../x"}, std::string{"a/../b"}, std::string{"/a"}, std::string{"a/"}, std::string{"a//b"},
        std::string{"a?b"}, std::string{"."}, std::string{"\xc3\xa9"}, std::string(101, 'a')}) {
    request.model = bad;
    INFO(bad);
    CHECK(wrong_fields(request) == std::vector<std::string>{"model"});
  }
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

TEST_CASE("a field that is absent leaves the fingerprint as it was before the field was known") {
  // Idempotency keys outlive an update of the program: this is the fingerprint that version 0.1 stored.
  CHECK(fingerprint(good()) == "3f32a7fcdc39fb4121d5be3eee8c3ecb5dec2ca9ac9f0e54935a29648e023e24");
}

TEST_CASE("fields that came later count when they are there, and are no metadata") {
  auto with_lyrics = good();
  with_lyrics.lyrics = "la";
  auto with_tags = good();
  with_tags.negative_tags = "la";
  auto with_model = good();
  with_model.model = "la";
  auto with_quality = good();
  with_quality.quality = audio_quality::high;
  auto with_goal = good();
  with_goal.goal = job_goal::prompt;
  auto with_metadata = good();
  with_metadata.metadata = {{"lyrics", "la"}};

  std::vector<std::string> all;
  for (const auto& each : {good(), with_lyrics, with_tags, with_model, with_quality, with_goal, with_metadata})
    all.push_back(fingerprint(each));
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
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

TEST_CASE("where a job is to be told counts in the fingerprint, field by field") {
  const auto with = [](webhook_request webhook) {
    auto request = good();
    request.webhook = std::move(webhook);
    return fingerprint(request);
  };
  const std::vector<std::string> all{fingerprint(good()),
                                     with({.url = "https://a.example/"}),
                                     with({.url = "https://b.example/"}),
                                     with({.events = {webhook_event::started}, .url = "https://a.example/"}),
                                     with({.format = webhook_format::openclaw}),
                                     with({.format = webhook_format::openclaw, .hook = openclaw_hook::wake}),
                                     with({.format = webhook_format::openclaw, .session_key = "a"}),
                                     with({.format = webhook_format::openclaw, .agent_id = "a"}),
                                     with({.format = webhook_format::openclaw, .channel = "a", .to = "b"})};

  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(all[i] != all[j]);
  }
}

TEST_CASE("a wish to be told has the fields of its format and no others") {
  const auto wrong = [](webhook_request webhook) {
    auto request = good();
    request.webhook = std::move(webhook);
    return wrong_fields(request);
  };
  using names = std::vector<std::string>;

  CHECK(wrong({.url = "https://a.example/"}).empty());
  CHECK(wrong({.format = webhook_format::openclaw, .session_key = "agent:main:main", .channel = "telegram", .to = "42"}).empty());
  CHECK(wrong({}) == names{"webhook.url"});
  CHECK(wrong({.url = "https://a.example/ x"}) == names{"webhook.url"});
  CHECK(wrong({.url = "https://a.example/" + std::string(2048, 'a')}) == names{"webhook.url"});
  CHECK(wrong({.url = "https://a.example/", .session_key = "x"}) == names{"webhook"});
  CHECK(wrong({.format = webhook_format::openclaw, .url = "https://a.example/"}) == names{"webhook.url"});
  CHECK(wrong({.format = webhook_format::openclaw, .session_key = std::string(257, 'a')}) == names{"webhook.session_key"});
  CHECK(wrong({.format = webhook_format::openclaw, .session_key = "a\r\nX: y"}) == names{"webhook.session_key"});
  CHECK(wrong({.format = webhook_format::openclaw, .agent_id = "a b"}) == names{"webhook.agent_id"});
  CHECK(wrong({.format = webhook_format::openclaw, .to = "42"}) == names{"webhook.channel"});
  CHECK(wrong({.format = webhook_format::openclaw, .hook = openclaw_hook::wake, .channel = "a", .to = "b"}) ==
        names{"webhook.channel"});
}

TEST_CASE("events, formats and hooks have names of their own") {
  for (int i = 0; i <= static_cast<int>(webhook_event::expired); ++i) {
    const auto event = static_cast<webhook_event>(i);
    CHECK(name(event).starts_with("job."));
    CHECK(parse_webhook_event(name(event)) == event);
  }
  CHECK_FALSE(parse_webhook_event("job.progress"));
  CHECK(parse_webhook_format("openclaw") == webhook_format::openclaw);
  CHECK_FALSE(parse_webhook_format(""));
  CHECK(parse_openclaw_hook("wake") == openclaw_hook::wake);
  CHECK_FALSE(parse_openclaw_hook("sleep"));
}
