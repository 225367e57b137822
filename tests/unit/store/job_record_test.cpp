#include "store_support.hpp"

#include <music/base/random.hpp>
#include <music/store/job_record.hpp>

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>

using namespace music;
using namespace music::test;

namespace {

/// Fills every field with something, rarely what one expects.
class job_generator {
 public:
  explicit job_generator(std::uint64_t seed) : random_(seed) {}

  job next() {
    job made;
    made.id = job_id::make(random_, at(static_cast<std::int64_t>(below(1ULL << 45))));
    made.owner = text();
    made.request = request();
    made.status = one_of<job_status>(7);
    made.stage = one_of<job_stage>(6);
    made.version = random_.next();
    made.cancel_requested = coin();
    made.prompt = {one_of<step_status>(4), text(), text(), signed_number(), maybe_errc(), plan(), coin()};
    made.music = {one_of<step_status>(4),
                  text(),
                  one_of<submission_state>(4),
                  text(),
                  text(),
                  signed_number(),
                  text(),
                  fraction(),
                  text(),
                  text(),
                  maybe_errc()};
    for (auto count = below(4); count > 0; --count) {
      made.tracks.push_back({text(), text(), fraction(), text(), text(), text(), random_.next()});
    }
    if (coin()) made.failure = one_of<failure_kind>(6);
    made.charged = one_of<charge>(3);
    for (auto count = below(3); count > 0; --count) made.warnings.push_back(text());
    made.created_at = at(signed_number());
    made.updated_at = at(signed_number());
    made.deadline_at = at(signed_number());
    if (coin()) made.completed_at = at(signed_number());
    if (coin()) made.expires_at = at(signed_number());
    return made;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_.next() % bound; }
  bool coin() { return below(2) == 0; }
  std::int64_t signed_number() { return static_cast<std::int64_t>(random_.next() >> below(64)) * (coin() ? 1 : -1); }

  template <class Enum>
  Enum one_of(std::uint64_t count) {
    return static_cast<Enum>(below(count));
  }

  song_plan plan() {
    song_plan made;
    if (coin()) return made;
    made = {.title = text(), .tags = text(), .lyrics = text(), .negative_tags = text(), .key = text()};
    if (coin()) made.instrumental = coin();
    if (coin()) made.bpm = static_cast<int>(below(300));
    return made;
  }

  std::optional<errc> maybe_errc() {
    if (coin()) return std::nullopt;
    return one_of<errc>(static_cast<std::uint64_t>(errc::internal) + 1);
  }

  /// Any finite bit pattern: the decimal form must lead back to exactly this number.
  double fraction() {
    const double number = std::bit_cast<double>(random_.next());
    return std::isfinite(number) ? number : 0.1;
  }

  std::string text() {
    static constexpr std::string_view parts[]{"a",  "\"", "\\", "\n", std::string_view{"\0", 1}, "\x1f", "\x7f", "é",
                                              "東", "🎵", "/",  "{}"};
    std::string made;
    for (auto count = below(12); count > 0; --count) made += parts[below(std::size(parts))];
    return made;
  }

  generate_request request() {
    generate_request made{text(), text(), text(), text(), text(), text(), text(), text()};
    if (coin()) made.instrumental = coin();
    if (coin()) made.duration_seconds = fraction();
    if (coin()) made.seed = random_.next();
    if (coin()) made.format = one_of<audio_format>(5);
    if (coin()) made.quality = one_of<audio_quality>(3);
    if (coin()) made.deadline = std::chrono::seconds{signed_number() / 1024};
    for (auto count = below(4); count > 0; --count) made.metadata.emplace_back(text(), text());
    if (coin()) made.webhook = webhook();
    made.goal = one_of<job_goal>(2);
    return made;
  }

  webhook_request webhook() {
    webhook_request made{.format = one_of<webhook_format>(2),
                         .url = text(),
                         .hook = one_of<openclaw_hook>(2),
                         .session_key = text(),
                         .agent_id = text(),
                         .channel = text(),
                         .to = text()};
    for (auto count = below(4); count > 0; --count) made.events.push_back(one_of<webhook_event>(7));
    return made;
  }

  seeded_random random_;
};

std::string with_member(const job& stored, const std::string& members) {
  auto record = encode_job(stored);
  record.insert(record.size() - 1, "," + members);
  return record;
}

}  // namespace

TEST_CASE("every job comes back from its record exactly") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  job_generator jobs{seed};

  for (int i = 0; i < 500; ++i) {
    const auto original = jobs.next();
    const auto read = decode_job(encode_job(original));
    REQUIRE(read);
    CHECK(encode_job(*read) == encode_job(original));
    REQUIRE(*read == original);
  }
}

TEST_CASE("a job remembers its batch, and one on its own has none") {
  seeded_random random{1};
  job alone;
  alone.id = job_id::make(random, {});
  auto in_batch = alone;
  in_batch.batch = batch_id::make(random, {}, 100);

  CHECK(decode_job(encode_job(in_batch)).value() == in_batch);
  CHECK(encode_job(in_batch).find("\"batch\":\"" + in_batch.batch.text() + '"') != std::string::npos);
  CHECK(encode_job(alone).find("batch") == std::string::npos);
  CHECK_FALSE(decode_job(R"({"record":1,"id":")" + alone.id.text() + R"(","batch":"batch_x"})"));
}

TEST_CASE("members that a later version added are ignored") {
  seeded_random random{5};
  const auto original = make_job(random, 1000);

  const auto read = decode_job(with_member(original, R"("lease":{"epoch":7},"mood":[1,null,"x"])"));

  REQUIRE(read);
  CHECK(*read == original);
}

TEST_CASE("members that an earlier version did not write have their defaults") {
  seeded_random random{6};
  const auto original = make_job(random, 1000);

  const auto read = decode_job(R"({"record":1,"id":")" + original.id.text() + "\"}");

  REQUIRE(read);
  job bare;
  bare.id = original.id;
  CHECK(*read == bare);
}

TEST_CASE("a job that is no song is kept from readers who would buy one, and every other job is for them too") {
  seeded_random random{9};
  auto stored = make_job(random, 1000);
  CHECK(encode_job(stored).starts_with(R"({"record":1,)"));

  stored.request.goal = job_goal::prompt;

  CHECK(encode_job(stored).starts_with(R"({"record":2,)"));
}

TEST_CASE("a damaged record is an error that names the member and not its value") {
  seeded_random random{7};
  const auto id = make_job(random, 1000).id.text();
  const auto member =
      GENERATE(R"("status":"sleeping")", R"("version":"SECRET")", R"("version":1.5)", R"("version":-1)", R"("tracks":[7])",
               R"("tracks":[{"size_bytes":"SECRET"}])", R"("request":"SECRET")", R"("request":{"metadata":[["SECRET"]]})",
               R"("request":{"goal":"SECRET"})", R"("music":{"duration_seconds":"1x"})", R"("warnings":[null])",
               R"("prompt":{"failure":"SECRET"})", R"("expires_at":"SECRET")");

  const auto read = decode_job(R"({"record":1,"id":")" + id + "\"," + member + "}");

  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::internal);
  CHECK(read.error().detail.starts_with("job record: member "));
  CHECK(read.error().detail.find("SECRET") == std::string::npos);
}

TEST_CASE("what is not a record of a known version is refused") {
  seeded_random random{8};
  const auto id = make_job(random, 1000).id.text();
  const auto record = GENERATE_COPY(std::string{}, std::string{"null"}, std::string{"[]"}, std::string{"{"},
                                    std::string{R"({"record":1})"}, std::string{R"({"record":1,"id":"../../etc"})"},
                                    R"({"id":")" + id + "\"}", R"({"record":3,"id":")" + id + "\"}");

  const auto read = decode_job(record);

  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::internal);
}
