#include "problem.hpp"

#include <music/view/job_view.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace music::http;
using music::errc;
using music::failure_kind;

TEST_CASE("every problem has a status, a type of its own and a sentence") {
  std::set<std::string_view> types;
  for (int i = 0; i <= static_cast<int>(problem::unexpected); ++i) {
    const auto text = describe(static_cast<problem>(i));
    CHECK(text.status >= 400);
    CHECK(text.status < 600);
    CHECK(types.insert(text.error_type).second);
    CHECK(text.message.ends_with('.'));
  }
}

TEST_CASE("whoever is told to come again is told when") {
  for (int i = 0; i <= static_cast<int>(problem::unexpected); ++i) {
    const auto text = describe(static_cast<problem>(i));
    INFO(text.error_type);
    CHECK((text.retry_after > 0) == (text.status == 429 || text.status == 503));
  }
}

TEST_CASE("every error code has a sentence, and only codes of our ports reach a client as their own problem") {
  for (int i = 0; i <= static_cast<int>(errc::internal); ++i) {
    const auto code = static_cast<errc>(i);
    INFO(name(code));
    CHECK(message_for(code).ends_with('.'));
    const auto status = describe(problem_for(code)).status;
    CHECK(status >= 400);
  }
  CHECK(problem_for(errc::not_found) == problem::not_found);
  CHECK(problem_for(errc::conflict) == problem::job_not_ended);
  CHECK(problem_for(errc::key_reused) == problem::idempotency_key_reused);
  CHECK(problem_for(errc::queue_full) == problem::queue_full);
  CHECK(problem_for(errc::draining) == problem::draining);
  CHECK(problem_for(errc::store_unavailable) == problem::store_unavailable);
  CHECK(problem_for(errc::rate_limit) == problem::unexpected);
  CHECK(problem_for(errc::openai_api) == problem::unexpected);
}

TEST_CASE("every kind of failure has a sentence") {
  for (int i = 0; i <= static_cast<int>(failure_kind::unexpected); ++i) {
    CHECK(message_for(static_cast<failure_kind>(i)).ends_with('.'));
  }
}

TEST_CASE("an error body has the contract's form") {
  CHECK(problem_body(problem::validation_error, "2026-02-15T10:30:45.123Z", "r-1", {{"theme", "must be \"x\""}}) ==
        R"({"status":"error","error_type":"validation_error","message":"The request is not valid; see errors.",)"
        R"("timestamp":"2026-02-15T10:30:45.123Z","request_id":"r-1","errors":[{"field":"theme","message":"must be \"x\""}]})");
  CHECK(problem_body(problem::not_found, "t", "r").find("errors") == std::string::npos);
}
