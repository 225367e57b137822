#include <music/webhooks/sender.hpp>

#include "catch_result.hpp"
#include "run_virtual.hpp"
#include "webhook_jobs.hpp"

#include <music/async/task_group.hpp>
#include <music/base/base64.hpp>
#include <music/store/memory_store.hpp>
#include <music/webhooks/notifier.hpp>

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>

using namespace music;
using namespace music::webhooks;
using namespace std::chrono_literals;

namespace {

constexpr const char* slow_url = "https://slow.customer.com/x";
constexpr const char* quick_url = "https://quick.customer.com/x";

/// Receivers without sockets: what they were sent and when, and a script for what they say.
class fake_client final : public net::http_client {
 public:
  explicit fake_client(music::clock& time) : time_(time) {}

  task<net::exchange_result> send(net::http_request request, net::exchange_limits, time_point deadline) override {
    sent.push_back({request, time_.now()});
    auto& under_way = open[request.address.from.host];
    most_open[request.address.from.host] = std::max(most_open[request.address.from.host], ++under_way);
    const auto takes = delay(request);
    co_await sleep_until(time_, std::min(time_.now() + takes, deadline));
    --open[request.address.from.host];
    if (time_.now() >= deadline) co_return net::exchange_failure{.why = error{errc::timeout}};
    co_return answer(request);
  }
  task<net::exchange_result> download(net::http_request, net::body_sink&, net::exchange_limits, time_point) override {
    co_return net::exchange_failure{.why = error{errc::internal, "not for webhooks"}};
  }
  void sweep() override {}
  void close_idle() override {}
  [[nodiscard]] std::uint64_t connections_opened() const noexcept override { return 0; }
  [[nodiscard]] std::uint64_t requests_sent() const noexcept override { return sent.size(); }
  [[nodiscard]] std::uint64_t reused() const noexcept override { return 0; }

  struct record {
    net::http_request request;
    time_point at;
  };

  std::vector<record> sent;
  std::map<std::string, int> open;
  std::map<std::string, int> most_open;
  std::function<net::exchange_result(const net::http_request&)> answer = [](const net::http_request&) {
    return net::http_response{.status = 204};
  };
  std::function<std::chrono::milliseconds(const net::http_request&)> delay = [](const net::http_request&) { return 10ms; };

 private:
  music::clock& time_;
};

std::string header_of(const net::http_request& request, std::string_view wanted) {
  const auto found = std::ranges::find(request.headers, wanted, &net::http_header::name);
  return found == request.headers.end() ? std::string{} : found->value;
}

settings configured() {
  settings chosen;
  const std::array secrets{secret{"whsec_" + to_base64(std::string(32, 's'))}};
  chosen.signer = signer::create(secrets).value();
  chosen.egress = net::egress_rules::parse("127.0.0.1:18789").value();
  chosen.openclaw_url = chosen.egress.check("http://127.0.0.1:18789/hooks").value();
  chosen.openclaw_token = secret{"test-token"};
  return chosen;
}

/// An outbox in front of another one. Like a database it gives what was taken a turn later, whatever was cancelled meanwhile.
class later_outbox final : public outbox {
 public:
  later_outbox(outbox& behind, executor ex) : behind_(behind), ex_(std::move(ex)) {}

  task<result<std::vector<delivery>>> take_due(delivery_order order) override {
    auto due = co_await behind_.take_due(std::move(order));
    if (due && !due->empty() && on_take) on_take();
    co_await asio::post(ex_, use_task);
    co_return due;
  }
  task<result<void>> settle(delivery attempted) override { return behind_.settle(std::move(attempted)); }
  task<result<void>> give_up(std::string endpoint, wall_time now) override { return behind_.give_up(std::move(endpoint), now); }
  task<result<std::vector<delivery>>> of_job(job_id job) override { return behind_.of_job(std::move(job)); }
  task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) override {
    return behind_.redeliver(std::move(id), std::move(owner), now);
  }

  std::function<void()> on_take;  ///< called when something was taken and is not given yet

 private:
  outbox& behind_;
  executor ex_;
};

struct bench {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  seeded_random random{1};
  std::unique_ptr<job_store> store = create_memory_job_store();
  later_outbox taken{store->deliveries(), context.get_executor()};
  settings chosen = configured();
  fake_client client{clock};
  std::unique_ptr<sender> sends = create();
  std::unique_ptr<announcer> tells = create_notifier(chosen, [this] { sends->look(); });

  bench() {
    tells->set_base_url("https://music.example");
    sends->start();
  }
  ~bench() { run(sends->drain(clock.now() + 1h)); }

  std::unique_ptr<sender> create() { return create_sender(chosen, {context.get_executor(), clock, random, taken, client}); }

  template <class T>
  T run(task<T> work) {
    return test::run_virtual_for(context, clock, std::move(work));
  }
  void pass(std::chrono::milliseconds span) { test::run_virtual(context, clock, sleep_until(clock, clock.now() + span)); }

  /// The process ends and another one takes over the outbox.
  void restart() {
    run(sends->drain(clock.now() + 1h));
    sends = create();
    sends->start();
  }

  /// A new job, born now, with its first row stored.
  job stored_job(webhook_request wanted) {
    auto fresh = test::queued_job(std::move(wanted));
    fresh.id = job_id::make(random, clock.wall_now());
    fresh.updated_at = clock.wall_now();
    fresh.deadline_at = clock.wall_now() + 15min;
    REQUIRE(run(store->insert(fresh, std::nullopt)));
    return fresh;
  }

  /// Commits the change as the engine does.
  job commit(const job& before, job changed) {
    changed.updated_at = clock.wall_now();
    auto told = tells->deliveries_for(before, changed);
    const auto stored = run(store->update(changed, 1, std::move(told)));
    REQUIRE(stored);
    tells->stored();
    return changed;
  }

  void finish_job(webhook_request wanted) {
    const auto fresh = stored_job(std::move(wanted));
    commit(fresh, test::succeeded(fresh));
  }

  std::vector<delivery> deliveries_of(const job& of) { return run(store->deliveries().of_job(of.id)).value(); }

  std::vector<std::string> types_sent() const {
    std::vector<std::string> types;
    for (const auto& each : client.sent) {
      const auto at = each.request.body.find("\"type\":\"") + 8;
      types.push_back(each.request.body.substr(at, each.request.body.find('"', at) - at));
    }
    return types;
  }
};

webhook_request ends_to(const char* url) { return {.url = url}; }

webhook_request all_to(const char* url) {
  return {.events = {webhook_event::started, webhook_event::prompt_ready, webhook_event::track_ready, webhook_event::success},
          .url = url};
}

net::exchange_result status(int code) { return net::http_response{.status = code}; }

using types = std::vector<std::string>;

}  // namespace

TEST_CASE("a delivery carries the bytes of the outbox, signed over exactly them") {
  bench on;
  const auto fresh = on.stored_job(ends_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh));

  on.pass(2s);

  REQUIRE(on.client.sent.size() == 1);
  const auto& request = on.client.sent.front().request;
  const auto told = on.deliveries_of(ended).front();
  CHECK(to_string(request.address) == quick_url);
  CHECK(request.method == net::http_method::post);
  CHECK(request.policy == net::address_policy::public_only);
  CHECK(request.status_only);
  CHECK(request.body == told.body);
  CHECK(header_of(request, "webhook-id") == told.id);
  CHECK(header_of(request, "Idempotency-Key") == told.id);
  CHECK(header_of(request, "Authorization").empty());
  CHECK(header_of(request, "webhook-signature") ==
        on.chosen.signer.sign(told.id, header_of(request, "webhook-timestamp"), told.body));
  CHECK(told.state == delivery_state::delivered);
  CHECK(told.attempts == 1);
  CHECK(told.last_status == 204);
}

TEST_CASE("a failed delivery is repeated with the same id and bytes and a new timestamp, until it is taken") {
  bench on;
  int calls = 0;
  on.client.answer = [&](const net::http_request&) { return status(++calls < 4 ? 503 : 200); };
  const auto fresh = on.stored_job(ends_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh));

  on.pass(1h);

  REQUIRE(on.client.sent.size() == 4);
  const auto& first = on.client.sent.front();
  for (std::size_t i = 1; i < on.client.sent.size(); ++i) {
    const auto& again = on.client.sent[i];
    CHECK(again.request.body == first.request.body);
    CHECK(header_of(again.request, "webhook-id") == header_of(first.request, "webhook-id"));
    CHECK(header_of(again.request, "webhook-timestamp") != header_of(first.request, "webhook-timestamp"));
  }
  CHECK(on.client.sent[1].at - first.at >= 4s);
  CHECK(on.client.sent[2].at - on.client.sent[1].at >= 51s);
  CHECK(on.client.sent[3].at - on.client.sent[2].at >= 255s);
  CHECK(on.deliveries_of(ended).front().attempts == 4);
}

TEST_CASE("events of a job arrive in order although the first of them fails for hours") {
  bench on;
  on.client.answer = [&](const net::http_request& request) {
    const bool refuses = on.client.sent.size() <= 3 && request.body.find("job.started") != std::string::npos;
    return status(refuses ? 500 : 200);
  };
  const auto fresh = on.stored_job(all_to(quick_url));
  const auto started = on.commit(fresh, test::prompting(fresh));
  on.pass(2s);
  const auto prompted = on.commit(started, test::prompted(fresh));
  on.pass(10s);
  on.commit(prompted, test::succeeded(fresh, 1));

  on.pass(2h);

  const types wanted{"job.started",      "job.started",     "job.started", "job.started",
                     "job.prompt_ready", "job.track_ready", "job.success"};
  CHECK(on.types_sent() == wanted);
}

TEST_CASE("a receiver that asks for patience gets it") {
  bench on;
  on.client.answer = [](const net::http_request&) {
    return net::http_response{.status = 429, .headers = {{"Retry-After", "600"}}};
  };
  on.finish_job(ends_to(quick_url));

  on.pass(599s);
  CHECK(on.client.sent.size() == 1);
  on.pass(10s);

  CHECK(on.client.sent.size() == 2);
}

TEST_CASE("after eight attempts a delivery is dead, kept, and holds up nothing that comes later") {
  bench on;
  on.client.answer = [](const net::http_request& request) {
    return status(request.body.find("job.started") != std::string::npos ? 500 : 200);
  };
  const auto fresh = on.stored_job(all_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh, 1));

  on.pass(24h);

  const auto all = on.deliveries_of(ended);
  REQUIRE(all.size() == 4);
  CHECK(all[0].state == delivery_state::dead);
  CHECK(all[0].attempts == 8);
  CHECK(all[0].last_status == 500);
  CHECK(all[3].state == delivery_state::delivered);
  CHECK(on.client.sent.size() == 11);
}

TEST_CASE("a dead delivery is sent again when its owner asks for it") {
  bench on;
  bool works = false;
  on.client.answer = [&](const net::http_request&) { return status(works ? 200 : 404); };
  const auto fresh = on.stored_job(ends_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh));
  on.pass(24h);
  const auto dead = on.deliveries_of(ended).front();
  REQUIRE(dead.state == delivery_state::dead);
  auto& outbox = on.store->deliveries();

  CHECK(on.run(outbox.redeliver(dead.id, "mallory", on.clock.wall_now())).error().code == errc::not_found);
  works = true;
  REQUIRE(on.run(outbox.redeliver(dead.id, "alice", on.clock.wall_now())));
  on.pass(2s);

  const auto again = on.deliveries_of(ended).front();
  CHECK(again.state == delivery_state::delivered);
  CHECK(again.attempts == 1);
  CHECK(on.client.sent.back().request.body == dead.body);
}

TEST_CASE("410 ends everything that waits for the receiver, of other jobs too") {
  bench on;
  on.client.answer = [&](const net::http_request&) { return status(on.client.sent.size() < 3 ? 500 : 410); };
  const auto first = on.stored_job(ends_to(quick_url));
  const auto second = on.stored_job(all_to(quick_url));
  on.commit(first, test::succeeded(first));
  on.commit(second, test::succeeded(second, 1));

  on.pass(24h);

  for (const auto& each : {first, second}) {
    for (const auto& told : on.deliveries_of(each)) CHECK(told.state == delivery_state::dead);
  }
  CHECK(on.client.sent.size() <= 4);
}

TEST_CASE("a receiver that hangs holds up neither another one nor more than its share") {
  bench on;
  on.client.delay = [](const net::http_request& request) { return request.address.from.host.starts_with("slow") ? 100s : 10ms; };
  for (int i = 0; i < 100; ++i) on.finish_job(ends_to(slow_url));
  on.pass(1s);
  const auto asked_at = on.clock.now();

  on.finish_job(ends_to(quick_url));
  on.pass(3s);

  const auto quick =
      std::ranges::find_if(on.client.sent, [](const auto& each) { return each.request.address.from.host.starts_with("quick"); });
  REQUIRE(quick != on.client.sent.end());
  CHECK(quick->at - asked_at <= 2s);
  CHECK(on.client.most_open["slow.customer.com"] < 16);
}

TEST_CASE("what was under way when the process ended is sent again by the next one") {
  bench on;
  on.client.delay = [](const net::http_request&) { return 20s; };
  const auto fresh = on.stored_job(ends_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh));
  on.pass(5s);
  REQUIRE(on.client.sent.size() == 1);

  on.restart();
  on.client.delay = [](const net::http_request&) { return 10ms; };
  on.pass(3min);

  REQUIRE(on.client.sent.size() == 2);
  CHECK(header_of(on.client.sent[0].request, "webhook-id") == header_of(on.client.sent[1].request, "webhook-id"));
  CHECK(on.deliveries_of(ended).front().state == delivery_state::delivered);
}

TEST_CASE("an answer that comes within a second of the process's end is written down") {
  bench on;
  on.client.delay = [](const net::http_request&) { return 5'500ms; };
  const auto fresh = on.stored_job(ends_to(quick_url));
  const auto ended = on.commit(fresh, test::succeeded(fresh));
  on.pass(5s);
  REQUIRE(on.client.sent.size() == 1);

  on.restart();
  on.pass(3min);

  CHECK(on.client.sent.size() == 1);
  CHECK(on.deliveries_of(ended).front().state == delivery_state::delivered);
}

TEST_CASE("a receiver that hangs holds up the process's end for a second, and not even that past its time") {
  bench on;
  on.client.delay = [](const net::http_request&) { return 20s; };
  on.finish_job(ends_to(quick_url));
  on.pass(5s);
  const auto [budget, expected] =
      GENERATE(table<std::chrono::milliseconds, std::chrono::milliseconds>({{1h, 1s}, {300ms, 300ms}, {0ms, 0ms}}));
  const auto before = on.clock.now();

  CHECK(on.run(on.sends->drain(before + budget)));

  CHECK(on.clock.now() - before == expected);
  CHECK(on.client.sent.size() == 1);
}

TEST_CASE("what the outbox was giving when the end came does not outlive it") {
  bench on;
  on.client.delay = [](const net::http_request&) { return 20s; };
  std::optional<bool> at_rest;
  on.taken.on_take = [&] {
    asio::post(on.context, [&] {
      asio::co_spawn(on.context, on.sends->drain(on.clock.now() + 1h), [&](std::exception_ptr, bool rests) { at_rest = rests; });
    });
  };

  on.finish_job(ends_to(quick_url));
  on.pass(10s);

  CHECK(at_rest == true);
  CHECK(on.client.sent.size() <= 1);
}

TEST_CASE("OpenClaw gets its token, an idempotency key and no signature, and 25 seconds to answer") {
  bench on;
  on.client.delay = [](const net::http_request&) { return 24s; };
  const auto hook = GENERATE(openclaw_hook::agent, openclaw_hook::wake);
  on.finish_job({.format = webhook_format::openclaw, .hook = hook, .session_key = "agent:main:main"});

  on.pass(60s);

  REQUIRE(on.client.sent.size() == 1);
  const auto& request = on.client.sent.front().request;
  CHECK(to_string(request.address) == "http://127.0.0.1:18789/hooks/" + std::string{name(hook)});
  CHECK(request.policy == net::address_policy::any);
  CHECK(header_of(request, "Authorization") == "Bearer test-token");
  CHECK(header_of(request, "Idempotency-Key").starts_with("msg_"));
  CHECK(header_of(request, "webhook-signature").empty());
}

TEST_CASE("what OpenClaw refuses is not sent to it again") {
  bench on;
  on.client.answer = [](const net::http_request&) { return status(400); };
  const auto fresh = on.stored_job({.format = webhook_format::openclaw});
  const auto ended = on.commit(fresh, test::succeeded(fresh));

  on.pass(24h);

  CHECK(on.client.sent.size() == 1);
  CHECK(on.deliveries_of(ended).front().state == delivery_state::dead);
}

TEST_CASE("a URL that is not allowed any more is asked nothing") {
  bench on;
  const auto fresh = on.stored_job(ends_to("http://127.0.0.1:9999/x"));
  const auto ended = on.commit(fresh, test::succeeded(fresh));

  on.pass(5s);

  CHECK(on.client.sent.empty());
  CHECK(on.deliveries_of(ended).front().state == delivery_state::dead);
}
