#include "stored_time.hpp"

#include <music/store/job_record.hpp>

#include <music/base/json_writer.hpp>

#include <charconv>
#include <concepts>

namespace music {
namespace {

/// Members that hold their default are left out: a fresh job's record is a third of the size.
class record_writer {
 public:
  explicit record_writer(std::string& out) : json_(out) { json_.begin_object(); }
  void end() { json_.end_object(); }

  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) json_.field(name, value);
  }

  void number(std::string_view name, std::integral auto value) {
    if (value != 0) json_.field(name, value);
  }

  void flag(std::string_view name, std::optional<bool> value) {
    if (value) json_.field(name, *value);
  }

  void fraction(std::string_view name, std::optional<double> value) {
    if (!value) return;
    char digits[32];
    const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, *value);
    json_.field(name, std::string_view{digits, end});
  }

  void time(std::string_view name, std::optional<wall_time> value) {
    if (value) json_.field(name, milliseconds(*value));
  }

  template <class Enum>
  void named(std::string_view key, std::optional<Enum> value) {
    if (value) json_.field(key, music::name(*value));
  }

  json_writer& begin_object(std::string_view name) { return json_.key(name).begin_object(); }
  json_writer& begin_array(std::string_view name) { return json_.key(name).begin_array(); }
  json_writer& json() { return json_; }

 private:
  json_writer json_;
};

void write_webhook(record_writer& out, const webhook_request& webhook) {
  out.begin_object("webhook");
  out.named<webhook_format>("format", webhook.format);
  out.named<openclaw_hook>("hook", webhook.hook);
  out.text("url", webhook.url);
  out.text("session_key", webhook.session_key);
  out.text("agent_id", webhook.agent_id);
  out.text("channel", webhook.channel);
  out.text("to", webhook.to);
  if (!webhook.events.empty()) {
    out.begin_array("events");
    for (const auto event : webhook.events) out.json().value(name(event));
    out.json().end_array();
  }
  out.json().end_object();
}

void write_request(record_writer& out, const generate_request& request) {
  out.begin_object("request");
  out.text("theme", request.theme);
  out.text("tags", request.tags);
  out.text("title", request.title);
  out.text("style", request.style);
  out.text("provider", request.provider);
  out.text("prompt", request.prompt);
  out.text("model", request.model);
  out.text("lyrics", request.lyrics);
  out.text("negative_tags", request.negative_tags);
  out.flag("instrumental", request.instrumental);
  out.fraction("duration_seconds", request.duration_seconds);
  if (request.seed) out.json().field("seed", *request.seed);
  out.named("format", request.format);
  out.named("quality", request.quality);
  if (request.deadline) out.json().field("deadline_seconds", request.deadline->count());
  if (!request.metadata.empty()) {
    // pairs, not an object: the order is the caller's, and a parser may drop a repeated member
    out.begin_array("metadata");
    for (const auto& [key, value] : request.metadata) out.json().begin_array().value(key).value(value).end_array();
    out.json().end_array();
  }
  if (request.webhook) write_webhook(out, *request.webhook);
  if (request.goal != job_goal::song) out.named<job_goal>("goal", request.goal);
  out.json().end_object();
}

void write_plan(record_writer& out, const song_plan& plan) {
  if (plan == song_plan{}) return;
  out.begin_object("plan");
  out.text("title", plan.title);
  out.text("tags", plan.tags);
  out.text("lyrics", plan.lyrics);
  out.text("negative_tags", plan.negative_tags);
  out.flag("instrumental", plan.instrumental);
  if (plan.bpm) out.json().field("bpm", *plan.bpm);
  out.text("key", plan.key);
  out.json().end_object();
}

void write_prompt(record_writer& out, const prompt_step& step) {
  if (step == prompt_step{}) return;
  out.begin_object("prompt");
  out.named<step_status>("status", step.status);
  out.text("text", step.text);
  out.text("model", step.model);
  out.number("tokens_used", step.tokens_used);
  write_plan(out, step.plan);
  if (step.cached) out.flag("cached", true);
  out.named("failure", step.failure);
  out.json().end_object();
}

void write_music(record_writer& out, const music_step& step) {
  if (step == music_step{}) return;
  out.begin_object("music");
  out.named<step_status>("status", step.status);
  out.text("provider", step.provider);
  out.named<submission_state>("submission", step.submission);
  out.text("song_id", step.song_id);
  out.text("preview", step.preview);
  out.number("polls", step.polls);
  out.text("title", step.title);
  out.fraction("duration_seconds", step.duration_seconds);
  out.text("created_at", step.created_at);
  out.text("tags", step.tags);
  out.named("failure", step.failure);
  out.json().end_object();
}

void write_tracks(record_writer& out, const std::vector<track>& tracks) {
  if (tracks.empty()) return;
  out.begin_array("tracks");
  for (const auto& track : tracks) {
    out.json().begin_object();
    out.text("song_id", track.song_id);
    out.text("title", track.title);
    out.fraction("duration_seconds", track.duration_seconds);
    out.text("content_type", track.content_type);
    out.text("audio_key", track.audio_key);
    out.text("sha256", track.sha256);
    out.number("size_bytes", track.size_bytes);
    out.json().end_object();
  }
  out.json().end_array();
}

void write_warnings(record_writer& out, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  out.begin_array("warnings");
  for (const auto& warning : warnings) out.json().value(warning);
  out.json().end_array();
}

/// The earliest version whose readers understand the job.
int version_of(const job& job) noexcept { return job.request.goal == job_goal::song ? 1 : job_record_version; }

}  // namespace

std::string encode_job(const job& job) {
  constexpr std::size_t usual_size = 768;
  std::string record;
  record.reserve(usual_size);
  record_writer out{record};
  out.number("record", version_of(job));
  out.text("id", job.id.text());
  out.text("owner", job.owner);
  out.text("batch", job.batch.text());
  write_request(out, job.request);
  out.named<job_status>("status", job.status);
  out.named<job_stage>("stage", job.stage);
  out.json().field("version", job.version);
  if (job.cancel_requested) out.flag("cancel_requested", true);
  write_prompt(out, job.prompt);
  write_music(out, job.music);
  write_tracks(out, job.tracks);
  out.named("failure", job.failure);
  out.named<charge>("charged", job.charged);
  write_warnings(out, job.warnings);
  out.time("created_at", job.created_at);
  out.time("updated_at", job.updated_at);
  out.time("deadline_at", job.deadline_at);
  out.time("completed_at", job.completed_at);
  out.time("expires_at", job.expires_at);
  out.end();
  return record;
}

}  // namespace music
