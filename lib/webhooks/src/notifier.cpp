#include <music/webhooks/notifier.hpp>

#include <music/base/hash.hpp>

#include "endpoint.hpp"
#include "renderers.hpp"

#include <algorithm>

namespace music::webhooks {
namespace {

constexpr std::size_t id_characters = 32;  // 128 bits

/// Whether anybody has begun to work on this run of the job. What was canceled while it waited never did.
bool begun(const job& job) noexcept {
  const bool untouched = job.prompt.status == step_status::pending && job.music.status == step_status::pending;
  return job.status != job_status::queued && !(untouched && (job.done() || job.status == job_status::canceling));
}

std::optional<webhook_event> end_of(const job& job) noexcept {
  switch (job.status) {
    case job_status::queued:
    case job_status::running:
    case job_status::canceling: return std::nullopt;
    case job_status::success: return webhook_event::success;
    case job_status::error: return webhook_event::error;
    case job_status::canceled: return webhook_event::canceled;
    case job_status::expired: return webhook_event::expired;
  }
  return std::nullopt;
}

/// In the order in which they are told. `before` may be several versions older.
std::vector<happening> difference(const job& before, const job& after) {
  std::vector<happening> events;
  if (!begun(before) && begun(after)) events.push_back({.what = webhook_event::started});
  const bool prompt_was_ready = before.prompt.status == step_status::complete;
  if (!prompt_was_ready && after.prompt.status == step_status::complete) events.push_back({.what = webhook_event::prompt_ready});
  for (auto i = before.tracks.size(); i < after.tracks.size(); ++i)
    events.push_back({.what = webhook_event::track_ready, .track = i});
  const auto end = end_of(after);
  if (!before.done() && end) events.push_back({.what = *end});
  return events;
}

/// Somebody who is told.
struct listener {
  endpoint where{};
  webhook_request wanted{};  ///< its events are never empty
};

/// The same for the same event of the same run however often it is computed: a commit whose outcome was unknown is repeated,
/// perhaps with a later version. A retry gives the job a new deadline, which tells its runs apart.
std::string id_of(const happening& event, const job& job, const std::string& endpoint) {
  auto text =
      job.id.text() + ' ' + std::to_string(job.deadline_at.time_since_epoch().count()) + ' ' + std::string{name(event.what)};
  if (event.track) text += ' ' + std::to_string(*event.track);
  text += ' ' + endpoint;
  return "msg_" + to_hex(sha256_of(text)).substr(0, id_characters);
}

class telling_notifier final : public announcer {
 public:
  telling_notifier(const settings& chosen, std::function<void()> look) : settings_(chosen), look_(std::move(look)) {}

  void set_base_url(std::string base_url) override { base_url_ = std::move(base_url); }

  [[nodiscard]] std::vector<field_error> check(const webhook_request& wanted) const override {
    if (wanted.format == webhook_format::openclaw) {
      if (settings_.openclaw_url) return {};
      return {{"webhook.format", "openclaw is not configured here"}};
    }
    if (!settings_.signer.ready()) return {{"webhook", "cannot be signed: no secret is configured here"}};
    if (settings_.egress.check(wanted.url)) return {};
    return {{"webhook.url", "must be an https URL of a public host name on port 443 or 8443"}};
  }

  [[nodiscard]] std::vector<delivery> deliveries_for(const job& before, const job& after) const override {
    const auto events = difference(before, after);
    if (events.empty()) return {};
    std::vector<delivery> deliveries;
    for (const auto& each : listeners_of(after)) {
      for (const auto& event : events) {
        if (std::ranges::find(each.wanted.events, event.what) != each.wanted.events.end())
          deliveries.push_back(make(event, after, each));
      }
    }
    return deliveries;
  }

  void stored() noexcept override { look_(); }

 private:
  [[nodiscard]] std::vector<listener> listeners_of(const job& job) const {
    std::vector<listener> all;
    if (job.request.webhook) all.push_back(asking_listener(*job.request.webhook));
    if (!settings_.service_format) return all;
    listener service{.wanted = {.format = *settings_.service_format, .events = settings_.service_events}};
    if (*settings_.service_format == webhook_format::openclaw) service.where.where = endpoint::kind::openclaw;
    // a gateway is not told twice because a request wants to be told there in a way of its own
    const bool told_already = !all.empty() && all.front().wanted.format == webhook_format::openclaw &&
                              service.wanted.format == webhook_format::openclaw;
    if (!told_already) all.push_back(std::move(service));
    return all;
  }

  static listener asking_listener(const webhook_request& wanted) {
    listener asking{.wanted = wanted};
    if (asking.wanted.events.empty()) asking.wanted.events = default_webhook_events();
    switch (wanted.format) {
      case webhook_format::standard: asking.where = {.where = endpoint::kind::url, .url = wanted.url}; break;
      case webhook_format::openclaw: asking.where = {.where = endpoint::kind::openclaw, .hook = wanted.hook}; break;
    }
    return asking;
  }

  [[nodiscard]] delivery make(const happening& event, const job& job, const listener& to) const {
    delivery made;
    made.endpoint = to_text(to.where);
    made.id = id_of(event, job, made.endpoint);
    made.job = job.id;
    made.owner = job.owner;
    made.version = job.version;
    made.event = name(event.what);
    made.body = to.wanted.format == webhook_format::standard ? render_standard(event, job, base_url_)
                                                             : render_openclaw(event, job, to.wanted, base_url_);
    made.created_at = job.updated_at;
    made.due_at = job.updated_at;
    return made;
  }

  const settings& settings_;
  std::string base_url_;
  std::function<void()> look_;
};

}  // namespace

std::unique_ptr<announcer> create_notifier(const settings& chosen, std::function<void()> look) {
  return std::make_unique<telling_notifier>(chosen, std::move(look));
}

}  // namespace music::webhooks
