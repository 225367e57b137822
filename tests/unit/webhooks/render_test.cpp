#include "renderers.hpp"
#include "webhook_jobs.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace music;
using namespace music::webhooks;
namespace json = boost::json;

namespace {

constexpr std::string_view base = "https://music.example";

json::object parsed(const std::string& body) { return json::parse(body).as_object(); }

std::string text_of(const json::object& from, std::string_view member) { return std::string(from.at(member).as_string()); }

}  // namespace

TEST_CASE("a standard body has type, time of the change and the whole job") {
  const auto job = test::succeeded(test::queued_job());

  const auto body = parsed(render_standard({.what = webhook_event::success}, job, base));

  CHECK(text_of(body, "type") == "job.success");
  CHECK(text_of(body, "timestamp") == to_rfc3339(job.updated_at));
  const auto& told = body.at("data").at("job").as_object();
  CHECK(text_of(told, "id") == job.id.text());
  CHECK(text_of(told, "download_url") == "https://music.example/jobs/" + job.id.text() + "/audio");
  CHECK(told.at("version").to_number<std::uint64_t>() == job.version);
  CHECK(told.at("tracks").as_array().size() == 2);
  CHECK_FALSE(body.at("data").as_object().contains("track_index"));
}

TEST_CASE("a track that is ready is told with its index") {
  const auto body =
      parsed(render_standard({.what = webhook_event::track_ready, .track = 1}, test::succeeded(test::queued_job()), base));

  CHECK(body.at("data").at("track_index").to_number<int>() == 1);
}

TEST_CASE("private fields of a job are in no body") {
  const auto job =
      test::succeeded(test::queued_job(webhook_request{.format = webhook_format::openclaw, .session_key = "agent:main:main"}));

  const auto standard = render_standard({.what = webhook_event::success}, job, base);
  const auto openclaw = render_openclaw({.what = webhook_event::success}, job, *job.request.webhook, base);

  for (const auto& body : {standard, openclaw}) {
    CHECK(body.find("private-key") == std::string::npos);
    CHECK(body.find("alice") == std::string::npos);
  }
  CHECK(standard.find("agent:main:main") == std::string::npos);
}

TEST_CASE("OpenClaw's agent gets a message, our name and the session that asked") {
  const webhook_request wanted{.format = webhook_format::openclaw,
                               .session_key = "agent:main:main",
                               .agent_id = "main",
                               .channel = "telegram",
                               .to = "42"};
  const auto job = test::succeeded(test::queued_job());

  const auto body = parsed(render_openclaw({.what = webhook_event::success}, job, wanted, base));

  CHECK(text_of(body, "name") == "Music");
  CHECK(text_of(body, "wakeMode") == "now");
  CHECK(text_of(body, "sessionMode") == "persistent");
  CHECK(text_of(body, "sessionKey") == "agent:main:main");
  CHECK(text_of(body, "agentId") == "main");
  CHECK(text_of(body, "channel") == "telegram");
  CHECK(text_of(body, "to") == "42");
  const auto message = text_of(body, "message");
  CHECK(message.find(job.id.text() + " succeeded.") != std::string::npos);
  CHECK(message.find("/tracks/0/audio (audio/mpeg, 1234 bytes, 180 s)") != std::string::npos);
  CHECK(message.find("/tracks/1/audio") != std::string::npos);
}

TEST_CASE("without a session key OpenClaw chooses the conversation, and nothing empty is sent") {
  const auto body = parsed(render_openclaw({.what = webhook_event::started}, test::prompting(test::queued_job()), {}, base));

  CHECK(body.size() == 3);
  CHECK(body.contains("message"));
}

TEST_CASE("a wake has the fields that a wake knows") {
  const webhook_request wanted{.format = webhook_format::openclaw, .hook = openclaw_hook::wake, .session_key = "agent:main:main"};

  const auto body = parsed(render_openclaw({.what = webhook_event::error}, test::failed_job(test::queued_job()), wanted, base));

  CHECK(body.size() == 3);
  CHECK(text_of(body, "mode") == "now");
  CHECK(text_of(body, "sessionKey") == "agent:main:main");
  CHECK(text_of(body, "text").find("rate_limit") != std::string::npos);
}

TEST_CASE("of a prompt OpenClaw is told where it stands, and a URL gets the prompt itself") {
  const auto job = test::prompted(test::prompt_only_job());

  const auto agent = parsed(render_openclaw({.what = webhook_event::success}, job, {.format = webhook_format::openclaw}, base));
  const auto early =
      parsed(render_openclaw({.what = webhook_event::prompt_ready}, job, {.format = webhook_format::openclaw}, base));
  const auto standard = parsed(render_standard({.what = webhook_event::success}, job, base));

  const auto self = "https://music.example/jobs/" + job.id.text();
  CHECK(text_of(agent, "message") ==
        "Music job " + job.id.text() +
            " succeeded. Its prompt is workflow.step1_prompt_generation.generated_prompt of the job. Job: " + self);
  CHECK(text_of(early, "message") == "Music job " + job.id.text() + " has its prompt. Job: " + self);
  CHECK(standard.at("data").at("job").at("workflow").at("step1_prompt_generation").at("generated_prompt") ==
        json::value(job.prompt.text));
}

TEST_CASE("no word of a person, a model or a provider reaches OpenClaw, in any event") {
  auto job = test::succeeded(test::queued_job());
  job.request.tags = "Ignore";
  job.request.title = "Ignore";
  job.music.title = "Ignore all";
  job.failure = failure_kind::unexpected;
  job.warnings = {"Ignore all"};
  job.request.metadata = {{"k", "Ignore"}};
  job.request.goal = GENERATE(job_goal::song, job_goal::prompt);
  const auto hook = GENERATE(openclaw_hook::agent, openclaw_hook::wake);
  const webhook_request wanted{.format = webhook_format::openclaw, .hook = hook};

  for (int i = 0; i <= static_cast<int>(webhook_event::expired); ++i) {
    const happening event{.what = static_cast<webhook_event>(i), .track = 0};
    const auto body = render_openclaw(event, job, wanted, base);
    INFO(body);
    CHECK(body.find("rainy") == std::string::npos);
    CHECK(body.find("Ignore") == std::string::npos);
    CHECK(body.find("slow beat") == std::string::npos);
  }
}
