#include <music/webhooks/notifier.hpp>

#include "catch_result.hpp"
#include "webhook_jobs.hpp"

#include <music/base/base64.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <set>

using namespace music;
using namespace music::webhooks;

namespace {

using test::queued_job;

const std::vector<webhook_event> everything{webhook_event::started, webhook_event::prompt_ready, webhook_event::track_ready,
                                            webhook_event::success, webhook_event::error,        webhook_event::canceled,
                                            webhook_event::expired};

webhook_request to_url(std::vector<webhook_event> events = everything) {
  return {.events = std::move(events), .url = "https://hooks.customer.com/x"};
}

settings signing() {
  settings chosen;
  const std::array secrets{secret{"whsec_" + to_base64(std::string(32, 's'))}};
  chosen.signer = signer::create(secrets).value();
  return chosen;
}

settings with_gateway() {
  auto chosen = signing();
  chosen.egress = net::egress_rules::parse("127.0.0.1:18789").value();
  chosen.openclaw_url = chosen.egress.check("http://127.0.0.1:18789/hooks").value();
  return chosen;
}

struct bench {
  explicit bench(settings with) : chosen(std::move(with)) { tells->set_base_url("https://music.example"); }

  settings chosen;
  int looks = 0;
  std::unique_ptr<announcer> tells = create_notifier(chosen, [this] { ++looks; });

  std::vector<std::string> events(const job& before, const job& after) const {
    std::vector<std::string> names;
    for (const auto& each : tells->deliveries_for(before, after)) names.push_back(each.event);
    return names;
  }
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("each step of a job is told once, in order") {
  const bench on(signing());
  const auto queued = queued_job(to_url());

  CHECK(on.events(queued, test::prompting(queued)) == names{"job.started"});
  CHECK(on.events(test::prompting(queued), test::prompted(queued)) == names{"job.prompt_ready"});
  CHECK(on.events(test::prompted(queued), test::generating_job(queued)).empty());
  CHECK(on.events(test::generating_job(queued), test::succeeded(queued)) ==
        names{"job.track_ready", "job.track_ready", "job.success"});
  CHECK(on.events(test::generating_job(queued), test::failed_job(queued)) == names{"job.error"});
  CHECK(on.events(test::succeeded(queued), test::succeeded(queued)).empty());
}

TEST_CASE("when several versions are committed at once no event is skipped") {
  const bench on(signing());
  const auto queued = queued_job(to_url());

  CHECK(on.events(queued, test::succeeded(queued, 1)) ==
        names{"job.started", "job.prompt_ready", "job.track_ready", "job.success"});
}

TEST_CASE("a job that is canceled while it waits has not started") {
  const bench on(signing());
  const auto queued = queued_job(to_url());
  const auto asked = test::after(queued, happened::cancel_requested{});

  CHECK(on.events(queued, asked).empty());
  CHECK(on.events(asked, test::after(asked, happened::canceled{})) == names{"job.canceled"});
  CHECK(on.events(queued, test::after(asked, happened::canceled{})) == names{"job.canceled"});
}

TEST_CASE("a job for its prompt tells that it is written and that this was all, in one commit") {
  const bench on(signing());
  const auto queued = test::prompt_only_job(to_url());
  const auto ends_only = test::prompt_only_job(to_url({}));
  const auto failed = test::after(test::prompting(queued), happened::prompt_failed{errc::rate_limit});

  CHECK(on.events(test::prompting(queued), test::prompted(queued)) == names{"job.prompt_ready", "job.success"});
  CHECK(on.events(ends_only, test::prompted(ends_only)) == names{"job.success"});
  CHECK(on.events(test::prompting(queued), failed) == names{"job.error"});
}

TEST_CASE("a deadline that passes is told as such") {
  const bench on(signing());
  const auto running = test::generating_job(queued_job(to_url()));

  CHECK(on.events(running, test::after(running, happened::deadline_passed{})) == names{"job.expired"});
}

TEST_CASE("only what was asked for is told, the four ends if nothing was said") {
  const bench on(signing());
  const auto ends = queued_job(to_url({}));
  const auto prompts = queued_job(to_url({webhook_event::prompt_ready}));

  CHECK(on.events(ends, test::succeeded(ends)) == names{"job.success"});
  CHECK(on.events(prompts, test::succeeded(prompts)) == names{"job.prompt_ready"});
  CHECK(on.events(queued_job(), test::succeeded(queued_job())).empty());
}

TEST_CASE("the same event of a run has the same id however it was computed, and every other event another one") {
  const bench on(signing());
  const auto queued = queued_job(to_url());
  const auto whole = on.tells->deliveries_for(queued, test::succeeded(queued));
  const auto last = on.tells->deliveries_for(test::prompted(queued), test::succeeded(queued));

  std::set<std::string> ids;
  for (const auto& each : whole) ids.insert(each.id);
  CHECK(ids.size() == whole.size());
  CHECK(last.back().id == whole.back().id);
  CHECK(last.back().id.starts_with("msg_"));
  CHECK(last.back().id.find('.') == std::string::npos);

  const auto again = test::after(test::failed_job(queued), happened::retried{queued.deadline_at + std::chrono::hours{1}, false});
  const auto second = on.tells->deliveries_for(again, test::after(again, happened::song_failed{errc::timeout}));
  const auto first = on.tells->deliveries_for(queued, test::failed_job(queued));
  REQUIRE(second.back().event == first.back().event);
  CHECK(second.back().id != first.back().id);
}

TEST_CASE("a delivery says whose it is and is due at once") {
  const bench on(signing());
  const auto queued = queued_job(to_url({}));
  const auto ended = test::succeeded(queued);

  const auto told = on.tells->deliveries_for(queued, ended).front();

  CHECK(told.job == ended.id);
  CHECK(told.owner == "alice");
  CHECK(told.version == ended.version);
  CHECK(told.endpoint == "https://hooks.customer.com/x");
  CHECK(told.due_at == ended.updated_at);
  CHECK(told.state == delivery_state::pending);
  CHECK(told.body.find("\"type\":\"job.success\"") != std::string::npos);
}

TEST_CASE("the service tells of every job beside what the request asked for") {
  auto chosen = signing();
  chosen.service_url = net::egress_rules{}.check("https://operator.customer.com/").value();
  chosen.service_format = webhook_format::standard;
  chosen.service_events = {webhook_event::success};
  const bench on(std::move(chosen));
  const auto queued = queued_job(to_url({webhook_event::started}));

  const auto told = on.tells->deliveries_for(queued, test::succeeded(queued));

  REQUIRE(told.size() == 2);
  CHECK(told[0].endpoint == "https://hooks.customer.com/x");
  CHECK(told[0].event == "job.started");
  CHECK(told[1].endpoint == "service");
  CHECK(told[1].event == "job.success");
}

TEST_CASE("a gateway that the service tells anyhow is told once, in the words of whoever asked") {
  auto chosen = with_gateway();
  chosen.service_format = webhook_format::openclaw;
  const bench on(std::move(chosen));
  const auto hook = GENERATE(openclaw_hook::agent, openclaw_hook::wake);
  const auto asking =
      queued_job(webhook_request{.format = webhook_format::openclaw, .hook = hook, .session_key = "agent:main:main"});

  const auto told = on.tells->deliveries_for(asking, test::succeeded(asking));
  const auto plain = on.tells->deliveries_for(queued_job(), test::succeeded(queued_job()));

  REQUIRE(told.size() == 1);
  CHECK(told.front().endpoint == "openclaw " + std::string{name(hook)});
  CHECK(told.front().body.find("agent:main:main") != std::string::npos);
  REQUIRE(plain.size() == 1);
  CHECK(plain.front().endpoint == "openclaw agent");
}

TEST_CASE("a wish to be told is checked against what is allowed and configured") {
  const bench signed_only(signing());
  const bench gateway(with_gateway());
  const bench nothing{settings{}};
  const webhook_request openclaw{.format = webhook_format::openclaw};
  const auto field = [](const std::vector<field_error>& problems) {
    return problems.empty() ? std::string{} : problems.front().field;
  };

  CHECK(field(signed_only.tells->check(to_url())).empty());
  CHECK(field(signed_only.tells->check({.url = "http://hooks.customer.com/"})) == "webhook.url");
  CHECK(field(signed_only.tells->check({.url = "https://127.0.0.1/"})) == "webhook.url");
  CHECK(field(signed_only.tells->check({.url = "http://127.0.0.1:18789/"})) == "webhook.url");
  CHECK(field(gateway.tells->check({.url = "http://127.0.0.1:18789/x"})).empty());
  CHECK(field(nothing.tells->check(to_url())) == "webhook");
  CHECK(field(signed_only.tells->check(openclaw)) == "webhook.format");
  CHECK(field(gateway.tells->check(openclaw)).empty());
}

TEST_CASE("what was stored makes the sender look") {
  bench on(signing());

  on.tells->stored();

  CHECK(on.looks == 1);
}
