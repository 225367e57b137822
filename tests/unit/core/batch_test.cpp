#include <music/core/batch.hpp>

#include <music/base/hash.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace music;

namespace {

constexpr std::string_view known_id = "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk02";

wall_time at(std::int64_t milliseconds) { return wall_time{std::chrono::milliseconds{milliseconds}}; }

job_ptr job_with(job_status status, std::optional<wall_time> completed = {}) {
  auto made = std::make_shared<job>();
  made->status = status;
  made->completed_at = completed;
  return made;
}

batch_summary summary_of(std::vector<job_ptr> jobs) { return summarise({{}, std::move(jobs)}); }

}  // namespace

TEST_CASE("a batch's id says how many jobs it has and when it was made") {
  seeded_random random{1};
  for (const std::size_t size : {1U, 2U, 31U, 32U, 99U, 100U}) {
    const auto id = batch_id::make(random, at(1'764'140'268'854), size);
    CHECK(id.size() == size);
    CHECK(id.created_at() == at(1'764'140'268'854));
    CHECK(id.text().size() == known_id.size());
    CHECK(batch_id::parse(id.text()) == id);
  }
  CHECK(batch_id{}.size() == 0);
  CHECK_THROWS(batch_id::make(random, at(0), 0));
  CHECK_THROWS(batch_id::make(random, at(0), largest_batch + 1));
}

TEST_CASE("two batches have two ids") {
  seeded_random random{2};

  CHECK(batch_id::make(random, at(0), 5) != batch_id::make(random, at(0), 5));
}

TEST_CASE("what is almost a batch's id is none") {
  REQUIRE(batch_id::parse(known_id));
  for (const auto* text : {"", "batch_", "batch_02", "job_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk02",
                           "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk00",    // of no jobs
                           "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk35",    // of 101
                           "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pkzz", "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk2",
                           "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk002", "batch_01M8baat9pe671m6jkc4q0mdf00gtfz1x9pk02",
                           "batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk0u", "batch_u1m8baat9pe671m6jkc4q0mdf00gtfz1x9pk02"}) {
    INFO(text);
    CHECK_FALSE(batch_id::parse(text));
  }
  CHECK(batch_id::parse("batch_01m8baat9pe671m6jkc4q0mdf00gtfz1x9pk34")->size() == 100);
}

TEST_CASE("the jobs of a batch follow from its id, today and in every later version") {
  // Made by the derivation's definition in Python: base 32 of the first 130 bits of SHA-256("<id>/<place>").
  const auto id = batch_id::parse(known_id).value();

  CHECK(id.job(0).text() == "job_01m8baat9pz47e75b5bzkf960bypq0sjkmpx");
  CHECK(id.job(1).text() == "job_01m8baat9pnw3a6v7xs9srjnpv1snddqbxg3");
  CHECK(id.job(99).text() == "job_01m8baat9ppcj1zfrcvn894qh8q7zvagbhdp");
}

TEST_CASE("no two jobs of any batches have one id, and all stand where their batch's time puts them") {
  seeded_random random{3};
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const auto id = batch_id::make(random, at(1'000'000 + i), largest_batch);
    for (std::size_t place = 0; place < id.size(); ++place) {
      const auto text = id.job(place).text();
      CHECK(text.substr(4, 10) == id.text().substr(6, 10));
      ids.insert(text);
    }
  }
  CHECK(ids.size() == 20 * largest_batch);
}

TEST_CASE("an id whose number of jobs was changed names other jobs") {
  const auto id = batch_id::parse(known_id).value();
  auto text = id.text();
  text.back() = '3';

  CHECK(batch_id::parse(text)->job(0) != id.job(0));
}

TEST_CASE("a batch is queued until a job begins, and runs until the last has ended") {
  using enum job_status;

  CHECK(summary_of({job_with(queued), job_with(queued)}).status == batch_status::queued);
  CHECK(summary_of({job_with(queued), nullptr}).status == batch_status::queued);
  CHECK(summary_of({job_with(queued), job_with(running)}).status == batch_status::running);
  CHECK(summary_of({job_with(success), job_with(canceling)}).status == batch_status::running);
  CHECK(summary_of({job_with(success), job_with(queued)}).status == batch_status::running);
  CHECK_FALSE(summary_of({job_with(success), job_with(queued)}).done);
}

TEST_CASE("a batch ends as all of its jobs did, or partial, or as an error") {
  using enum job_status;

  for (const auto [jobs, whole] : {std::pair{success, batch_status::success},
                                   {error, batch_status::error},
                                   {canceled, batch_status::canceled},
                                   {expired, batch_status::expired}}) {
    const auto sum = summary_of({job_with(jobs), nullptr, job_with(jobs)});
    CHECK(sum.done);
    CHECK(sum.status == whole);
  }
  CHECK(summary_of({job_with(success), job_with(canceled)}).status == batch_status::partial);
  CHECK(summary_of({job_with(error), job_with(success), job_with(expired)}).status == batch_status::partial);
  CHECK(summary_of({job_with(expired), job_with(canceled)}).status == batch_status::error);
  for (const auto* text : {"queued", "running", "success", "partial", "error", "canceled", "expired"}) {
    bool known = false;
    for (int i = 0; i < 7; ++i) known = known || name(static_cast<batch_status>(i)) == text;
    CHECK(known);
  }
}

TEST_CASE("a batch counts its jobs, and tells when the last of them ended once all have") {
  using enum job_status;
  const auto going_on = summary_of({job_with(success, at(5)), job_with(running), nullptr});
  CHECK_FALSE(going_on.completed_at);

  const auto sum = summary_of({job_with(success, at(5)), nullptr, job_with(error, at(9)), job_with(success, at(7)), nullptr});

  CHECK(sum.completed_at == at(9));
  CHECK(sum.jobs == std::array<std::size_t, 7>{0, 0, 0, 2, 1, 0, 0});
  CHECK(sum.erased == 2);
}

TEST_CASE("equal requests in the same order have one fingerprint") {
  generate_request rain;
  rain.theme = "rain";
  generate_request sun;
  sun.theme = "sun";

  CHECK(fingerprint({rain, sun}) == fingerprint({rain, sun}));
  CHECK(fingerprint({rain, sun}) != fingerprint({sun, rain}));
  CHECK(fingerprint({rain, rain}) != fingerprint(std::vector{rain}));
  CHECK(fingerprint(std::vector{rain}) != fingerprint(rain));
}
