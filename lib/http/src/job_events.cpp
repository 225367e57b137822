#include "job_events.hpp"

#include "job_json.hpp"

#include <music/async/deadline.hpp>

#include <utility>

namespace music::http {
namespace {

constexpr std::string_view comment = ": still there\n\n";
constexpr std::string_view reconnect_after = "retry: 3000\n\n";
constexpr std::chrono::seconds grace{1};  // the port ends by itself at its time; this is the backstop

class job_event_stream final : public body_stream {
 public:
  job_event_stream(job_ptr now, caller by, std::optional<std::uint64_t> last_seen, const event_source& source)
      : shown_(std::move(now)), by_(std::move(by)), last_seen_(last_seen), source_(source) {}

  task<std::optional<std::string>> next() override {
    if (!begun_) co_return begin();
    if (ended_) co_return std::nullopt;
    const auto until = source_.clock.now() + heartbeat;
    auto waiting = source_.jobs.wait(shown_->id, by_, wait_for::change, shown_->version, until);
    auto outcome = co_await with_deadline(source_.clock, until + grace, std::move(waiting), &source_.hurry);
    if (!outcome) {
      if (outcome.error().code == errc::deadline_exceeded) co_return std::string{comment};
      co_return std::nullopt;
    }
    if ((*outcome)->version > shown_->version) co_return show(std::move(*outcome));
    // An engine that drains answers before the time: waiting again would spin.
    if (source_.clock.now() < until) co_return std::nullopt;
    co_return std::string{comment};
  }

 private:
  std::string begin() {
    begun_ = true;
    std::string frames{reconnect_after};
    const bool knows_this = last_seen_ == shown_->version;
    const bool knows_earlier = last_seen_ && *last_seen_ < shown_->version;
    if (knows_earlier) {
      append_event(frames, shown_->done() ? "done" : "status", *shown_, source_.base_url);
    } else if (!knows_this) {
      append_event(frames, "snapshot", *shown_, source_.base_url);
      if (shown_->done()) append_event(frames, "done", *shown_, source_.base_url);
    }
    ended_ = shown_->done();
    return frames;
  }

  std::string show(job_ptr changed) {
    std::string frame;
    append_event(frame, kind_of_change(*shown_, *changed), *changed, source_.base_url);
    shown_ = std::move(changed);
    ended_ = shown_->done();
    return frame;
  }

  job_ptr shown_;
  caller by_;
  std::optional<std::uint64_t> last_seen_;
  event_source source_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

std::string_view kind_of_change(const job& before, const job& after) noexcept {
  if (after.done()) return "done";
  if (after.tracks.size() > before.tracks.size()) return "track";
  if (after.status != before.status || after.stage != before.stage) return "status";
  return "progress";
}

void append_event(std::string& out, std::string_view kind, const job& job, std::string_view base_url) {
  out.append("event: ").append(kind).append("\nid: ").append(std::to_string(job.version)).append("\ndata: ");
  append_job(out, job, base_url);  // JSON as it is written here has no line breaks
  out += "\n\n";
}

std::unique_ptr<body_stream> stream_events(job_ptr now, caller by, std::optional<std::uint64_t> last_seen,
                                           const event_source& source) {
  return std::make_unique<job_event_stream>(std::move(now), std::move(by), last_seen, source);
}

}  // namespace music::http
