#include <music/core/job.hpp>

#include <catch2/catch.hpp>

using namespace music;

TEST_CASE("every name is parsed back to what it names") {
  for (int i = 0; i < 7; ++i) CHECK(parse_job_status(name(static_cast<job_status>(i))) == static_cast<job_status>(i));
  for (int i = 0; i < 6; ++i) CHECK(parse_job_stage(name(static_cast<job_stage>(i))) == static_cast<job_stage>(i));
  for (int i = 0; i < 4; ++i) CHECK(parse_step_status(name(static_cast<step_status>(i))) == static_cast<step_status>(i));
  for (int i = 0; i < 3; ++i) CHECK(parse_charge(name(static_cast<charge>(i))) == static_cast<charge>(i));
  for (int i = 0; i < 6; ++i) CHECK(parse_failure_kind(name(static_cast<failure_kind>(i))) == static_cast<failure_kind>(i));
  for (int i = 0; i < 4; ++i)
    CHECK(parse_submission_state(name(static_cast<submission_state>(i))) == static_cast<submission_state>(i));
  for (int i = 0; i < 2; ++i) CHECK(parse_job_goal(name(static_cast<job_goal>(i))) == static_cast<job_goal>(i));
  for (int i = 0; i <= static_cast<int>(errc::internal); ++i)
    CHECK(parse_errc(name(static_cast<errc>(i))) == static_cast<errc>(i));
  CHECK_FALSE(parse_job_status("done"));
}

TEST_CASE("only failures that may go otherwise next time can be retried") {
  job failed;
  failed.status = job_status::error;
  failed.music.failure = errc::generation_timeout;
  CHECK(retryable(failed));

  failed.music.failure = errc::content_rejected;
  CHECK_FALSE(retryable(failed));

  failed.status = job_status::success;
  CHECK_FALSE(retryable(failed));

  job late;
  late.status = job_status::expired;
  late.music.failure = errc::deadline_exceeded;
  CHECK(retryable(late));
}
