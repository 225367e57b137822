#include "http_fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

std::string text_of(const boost::json::value& from, std::string_view member) { return std::string{from.at(member).as_string()}; }

boost::json::object json_of(const parsed_answer& answer) { return boost::json::parse(answer.body).as_object(); }

/// A dead delivery of this job.
delivery dead_of(const job& of) {
  delivery made;
  made.id = "msg_" + std::string(32, 'a');
  made.job = of.id;
  made.owner = of.owner;
  made.version = 7;
  made.event = "job.success";
  made.endpoint = "https://hooks.customer.com/x";
  made.body = "a body that is nobody's concern here";
  made.state = delivery_state::dead;
  made.attempts = 8;
  made.last_status = 503;
  made.created_at = of.updated_at;
  made.ended_at = of.updated_at;
  return made;
}

}  // namespace

TEST_CASE("the deliveries of a job are listed without their bodies") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  fixture.deliveries.all = {dead_of(*job)};

  const auto answer = fixture.get("/jobs/" + job->id.text() + "/deliveries");

  CHECK(answer.status == 200);
  const auto listed = json_of(answer).at("data").as_array();
  REQUIRE(listed.size() == 1);
  const auto& one = listed.at(0);
  CHECK(text_of(one, "id") == dead_of(*job).id);
  CHECK(text_of(one, "job_id") == job->id.text());
  CHECK(text_of(one, "event") == "job.success");
  CHECK(text_of(one, "endpoint") == "https://hooks.customer.com/x");
  CHECK(text_of(one, "status") == "dead");
  CHECK(one.at("attempts") == 8);
  CHECK(one.at("last_http_status") == 503);
  CHECK(text_of(one, "ended_at") == to_rfc3339(job->updated_at));
  CHECK_FALSE(one.as_object().contains("next_attempt_at"));
  CHECK(answer.body.find("nobody's concern") == std::string::npos);
}

TEST_CASE("deliveries of a job that is not there, or while the store is away, are an error") {
  http_fixture fixture;
  const auto job = fixture.finished_job();

  CHECK(fixture.get("/jobs/job_nobody/deliveries").status == 404);
  fixture.deliveries.down = true;
  CHECK(fixture.get("/jobs/" + job->id.text() + "/deliveries").status == 503);
  CHECK(fixture.post("/deliveries/msg_x/redeliver", "").status == 503);
}

TEST_CASE("a delivery that has ended is made again, and the sender is told to look") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  fixture.deliveries.all = {dead_of(*job)};
  const auto path = "/deliveries/" + dead_of(*job).id + "/redeliver";

  const auto first = fixture.post(path, "");
  const auto second = fixture.post(path, "{}");

  CHECK(first.status == 202);
  CHECK(json_of(first).at("status") == "pending");
  CHECK(json_of(first).at("attempts") == 0);
  CHECK(json_of(first).contains("next_attempt_at"));
  CHECK(fixture.webhooks.looks == 1);
  CHECK(second.status == 409);
  CHECK(json_of(second).at("error_type") == "delivery_not_ended");
  CHECK(fixture.post("/deliveries/msg_unknown/redeliver", "").status == 404);
  CHECK(fixture.post(path, R"({"x":1})").status == 422);
}

TEST_CASE("somebody else's delivery is not found") {
  http_fixture fixture;
  const auto job = fixture.finished_job();
  auto foreign = dead_of(*job);
  foreign.owner = "somebody else";
  fixture.deliveries.all = {foreign};

  CHECK(fixture.post("/deliveries/" + foreign.id + "/redeliver", "").status == 404);
}

TEST_CASE("a URL that may not be asked is refused before a job is stored") {
  http_fixture fixture;

  const auto refused =
      fixture.post("/generate", R"({"theme":"rainy night","webhook":{"url":"https://hooks.customer.com:99/x"}})");
  const auto taken = fixture.post("/generate", R"({"theme":"rainy night","webhook":{"url":"https://hooks.customer.com/x"}})");

  CHECK(refused.status == 422);
  CHECK(json_of(refused).at("errors").at(0).at("field") == "webhook.url");
  CHECK(refused.body.find("customer") == std::string::npos);
  CHECK(taken.status == 202);
  REQUIRE(fixture.jobs.submitted.size() == 1);
}
