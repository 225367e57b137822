#include <music/webhooks/sender.hpp>

#include <music/async/backoff.hpp>
#include <music/async/deadline.hpp>
#include <music/async/task_group.hpp>
#include <music/base/log.hpp>

#include "endpoint.hpp"
#include "retry_policy.hpp"

#include <boost/asio/post.hpp>

#include <map>

namespace music::webhooks {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_at_once = 64;
constexpr std::size_t most_to_one_endpoint = 8;
constexpr auto pause = 1s;
/// OpenClaw may take 15 s to admit a run (openclaw 2026.9.6, hooks), Standard Webhooks advises 15 to 30 s.
constexpr auto patience = 25s;
constexpr auto connect_patience = 5s;
constexpr auto hold = 2min;  // longer than an attempt and settling it take; another process has it after that
constexpr auto settling_time = 1s;
constexpr auto unwinding_time = 1s;
constexpr backoff store_patience{.first = 100ms, .cap = 5'000ms};

/// Where and how one delivery is to be sent, as things stand now.
struct route {
  net::permitted_url to{};
  webhook_format format = webhook_format::standard;
};

class outbox_sender final : public sender {
 public:
  outbox_sender(const settings& chosen, const sender_parts& parts)
      : settings_(chosen), parts_(parts), loop_(parts.ex, "webhook_loop"), deliveries_(parts.ex, "webhooks") {}

  void start() override { loop_.spawn(run()); }

  void look() override {
    asio::post(parts_.ex, [this] {
      if (news_) news_->set();
    });
  }

  task<bool> drain(time_point until) override {
    loop_.cancel();
    // An answer that has just come is still written down; whoever has none by then is asked again after the restart.
    const auto soon = std::min(until, parts_.clock.now() + settling_time);
    co_await loop_.drain(parts_.clock, soon);  // first: what the store is just giving it is begun even now
    const bool settled = co_await deliveries_.drain(parts_.clock, soon);
    if (!settled) deliveries_.cancel();
    const auto unwound = parts_.clock.now() + unwinding_time;
    const bool loop_rests = co_await loop_.drain(parts_.clock, unwound);
    const bool deliveries_rest = co_await deliveries_.drain(parts_.clock, unwound);
    co_return loop_rests&& deliveries_rest;
  }

 private:
  task<void> run() {
    for (;;) {
      news_ = std::make_unique<event>(parts_.ex);  // before looking, so that nothing falls between
      co_await take();
      const auto until = on_grid(parts_.clock.now() + pause);
      co_await sleep_unless(parts_.clock, until, news_.get());
    }
  }

  task<void> take() {
    if (deliveries_.size() >= most_at_once) co_return;
    delivery_order order;
    order.now = parts_.clock.wall_now();
    order.held_until = order.now + hold;
    order.limit = most_at_once - deliveries_.size();
    order.per_endpoint = most_to_one_endpoint;
    for (const auto& [endpoint, count] : under_way_) {
      if (count >= most_to_one_endpoint) order.busy.push_back(endpoint);
    }
    auto due = co_await parts_.outbox.take_due(std::move(order));
    if (!due) co_return;  // the store is away; the engine says so in the log
    for (auto& each : *due) {
      ++under_way_[each.endpoint];
      deliveries_.spawn(deliver(std::move(each)));
    }
  }

  task<void> deliver(delivery wanted) {
    const departure guard{*this, wanted.endpoint};
    const auto where = route_of(wanted);
    attempt made{.never_possible = !where};
    if (where) {
      auto sending = send(*where, wanted);
      made = co_await std::move(sending);
    }
    const auto format = where ? where->format : webhook_format::standard;
    ++wanted.attempts;
    if (made.status) wanted.last_status = made.status;
    const auto decided = judge(format, made, wanted.attempts, parts_.random);
    note(wanted, made, decided);
    co_await settle(std::move(wanted), decided);
  }

  /// Ends a delivery's share in the counts, however it ends, and lets the next one have its turn.
  class departure {
   public:
    departure(outbox_sender& of, std::string endpoint) : of_(of), endpoint_(std::move(endpoint)) {}
    departure(const departure&) = delete;
    departure& operator=(const departure&) = delete;
    ~departure() {
      const auto counted = of_.under_way_.find(endpoint_);
      if (--counted->second == 0) of_.under_way_.erase(counted);
      if (of_.news_) of_.news_->set();
    }

   private:
    outbox_sender& of_;
    std::string endpoint_;
  };

  /// Nothing if the endpoint is not configured any more, or may not be asked any more.
  [[nodiscard]] std::optional<route> route_of(const delivery& wanted) const {
    const auto where = parse_endpoint(wanted.endpoint);
    if (!where) return std::nullopt;
    switch (where->where) {
      case endpoint::kind::url: {
        auto permitted = settings_.egress.check(where->url);
        if (!permitted || !settings_.signer.ready()) return std::nullopt;
        return route{.to = std::move(*permitted)};
      }
      case endpoint::kind::service:
        if (!settings_.service_url || !settings_.signer.ready()) return std::nullopt;
        return route{.to = *settings_.service_url};
      case endpoint::kind::openclaw: return openclaw_route(where->hook);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<route> openclaw_route(openclaw_hook hook) const {
    if (!settings_.openclaw_url) return std::nullopt;
    auto joined = net::join(settings_.openclaw_url->address, '/' + std::string{name(hook)});
    if (!joined) return std::nullopt;
    return route{.to = {.address = std::move(*joined), .policy = settings_.openclaw_url->policy},
                 .format = webhook_format::openclaw};
  }

  task<attempt> send(route where, const delivery& wanted) {
    auto request = request_for(where, wanted);
    const net::exchange_limits limits{.connect_timeout = connect_patience};
    const auto until = parts_.clock.now() + patience;
    const auto answered = co_await parts_.client.send(std::move(request), limits, until);
    attempt made;
    if (!answered) {
      made.never_possible = answered.error().why.code == errc::invalid_argument;
      co_return made;
    }
    made.status = answered->status;
    if (const auto asked = answered->header("retry-after")) made.retry_after = parse_retry_after(*asked, parts_.clock.wall_now());
    co_return made;
  }

  [[nodiscard]] net::http_request request_for(const route& where, const delivery& wanted) const {
    net::http_request request;
    request.method = net::http_method::post;
    request.address = where.to.address;
    request.policy = where.to.policy;
    request.body = wanted.body;
    request.idempotent = true;  // by its id
    request.status_only = true;
    request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", wanted.id}};
    if (where.format == webhook_format::openclaw) {
      request.headers.push_back({"Authorization", "Bearer " + std::string{settings_.openclaw_token.reveal()}});
      return request;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(parts_.clock.wall_now());
    const auto seconds = std::to_string(now.time_since_epoch().count());
    request.headers.push_back({"webhook-id", wanted.id});
    request.headers.push_back({"webhook-timestamp", seconds});
    request.headers.push_back({"webhook-signature", settings_.signer.sign(wanted.id, seconds, wanted.body)});
    return request;
  }

  static void note(const delivery& wanted, const attempt& made, const verdict& decided) {
    const auto status = [&]() -> std::string_view {
      switch (decided.what) {
        case verdict::kind::delivered: return "delivered";
        case verdict::kind::again: return "again";
        case verdict::kind::dead: return "dead";
        case verdict::kind::gone: return "gone";
      }
      return "dead";
    }();
    const bool lost = decided.what == verdict::kind::dead || decided.what == verdict::kind::gone;
    log::write(lost ? log::level::warning : log::level::info, {"webhooks", "receiver", "deliver", status},
               {{"job", wanted.job.text()},
                {"delivery", wanted.id},
                {"event", wanted.event},
                {"attempt", wanted.attempts},
                {"http_status", made.status.value_or(0)},
                {"again_in_ms", decided.wait.count()}});
  }

  /// Waits while the store is away: what was delivered must not be delivered again because nobody wrote it down.
  task<void> settle(delivery attempted, verdict decided) {
    const auto now = parts_.clock.wall_now();
    switch (decided.what) {
      case verdict::kind::delivered: attempted.state = delivery_state::delivered; break;
      case verdict::kind::again: attempted.due_at = now + decided.wait; break;
      case verdict::kind::dead:
      case verdict::kind::gone: attempted.state = delivery_state::dead; break;
    }
    if (attempted.state != delivery_state::pending) attempted.ended_at = now;
    for (int tries = 0;; ++tries) {
      const auto saved = co_await parts_.outbox.settle(attempted);
      if (saved) break;
      const auto again = parts_.clock.now() + store_patience.delay(tries, parts_.random);
      co_await parts_.clock.sleep_until(again, use_task);
    }
    if (decided.what != verdict::kind::gone) co_return;
    const auto given_up = co_await parts_.outbox.give_up(attempted.endpoint, now);
    if (!given_up) co_return;  // what is left meets its own 410
  }

  const settings& settings_;
  sender_parts parts_;
  std::unique_ptr<event> news_;
  std::map<std::string, std::size_t> under_way_;
  task_group loop_;
  task_group deliveries_;
};

}  // namespace

std::unique_ptr<sender> create_sender(const settings& chosen, sender_parts parts) {
  return std::make_unique<outbox_sender>(chosen, parts);
}

}  // namespace music::webhooks
