#include <music/view/job_view.hpp>

#include <music/base/json_writer.hpp>

namespace music {
namespace {

void field_unless_empty(json_writer& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

void time_if(json_writer& json, std::string_view name, const std::optional<wall_time>& time) {
  if (time) json.field(name, to_rfc3339(*time));
}

void append_failure(json_writer& json, const std::optional<errc>& failure) {
  if (failure) json.field("error_type", name(*failure)).field("message", message_for(*failure));
}

void append_tracks(json_writer& json, const job& job, const std::string& self) {
  json.key("tracks").begin_array();
  for (std::size_t i = 0; i < job.tracks.size(); ++i) {
    const auto& track = job.tracks[i];
    json.begin_object().field("index", i).field("song_id", track.song_id).field("title", track.title);
    json.field("duration", track.duration_seconds).field("url", self + "/tracks/" + std::to_string(i) + "/audio");
    json.field("content_type", track.content_type).field("size_bytes", track.size_bytes).field("sha256", track.sha256);
    json.end_object();
  }
  json.end_array();
}

void append_prompt_step(json_writer& json, const prompt_step& step) {
  json.key("step1_prompt_generation").begin_object().field("status", name(step.status));
  field_unless_empty(json, "generated_prompt", step.text);
  field_unless_empty(json, "model", step.model);
  if (step.status == step_status::complete) json.field("tokens_used", step.tokens_used);
  if (step.cached) json.field("cached", true);
  append_plan(json, step.plan);
  append_failure(json, step.failure);
  json.end_object();
}

void append_music_step(json_writer& json, const music_step& step) {
  json.key("step2_music_generation").begin_object().field("status", name(step.status));
  field_unless_empty(json, "provider", step.provider);
  json.field("polls", step.polls);
  field_unless_empty(json, "preview_url", step.preview);
  if (step.status == step_status::complete) {
    json.key("metadata").begin_object().field("title", step.title).field("duration", step.duration_seconds);
    json.field("created_at", step.created_at).field("tags", step.tags).end_object();
  }
  append_failure(json, step.failure);
  json.end_object();
}

void append_times(json_writer& json, const job& job) {
  json.field("created_at", to_rfc3339(job.created_at)).field("updated_at", to_rfc3339(job.updated_at));
  time_if(json, "completed_at", job.completed_at);
  json.field("deadline_at", to_rfc3339(job.deadline_at));
  time_if(json, "expires_at", job.expires_at);
  json.field("timestamp", to_rfc3339(job.updated_at));
}

void append_outcome(json_writer& json, const job& job, const std::string& self) {
  if (!job.tracks.empty()) json.field("download_url", self + "/audio");
  field_unless_empty(json, "song_id", job.music.song_id);
  append_tracks(json, job, self);
  if (job.failure) json.field("error_type", name(*job.failure)).field("message", message_for(*job.failure));
  json.field("retryable", retryable(job)).field("charged", name(job.charged));
  json.key("warnings").begin_array();
  for (const auto& warning : job.warnings) json.value(warning);
  json.end_array();
}

}  // namespace

void append_plan(json_writer& json, const song_plan& plan) {
  if (plan == song_plan{}) return;
  json.key("plan").begin_object();
  field_unless_empty(json, "title", plan.title);
  field_unless_empty(json, "tags", plan.tags);
  field_unless_empty(json, "lyrics", plan.lyrics);
  field_unless_empty(json, "negative_tags", plan.negative_tags);
  if (plan.instrumental) json.field("instrumental", *plan.instrumental);
  if (plan.bpm) json.field("bpm", *plan.bpm);
  field_unless_empty(json, "key", plan.key);
  json.end_object();
}

void append_job(std::string& out, const job& job, std::string_view base_url) {
  const auto self = std::string{base_url} + "/jobs/" + job.id.text();
  json_writer json{out};
  json.begin_object().field("id", job.id.text()).field("status", name(job.status)).field("done", job.done());
  json.field("stage", name(job.stage)).field("version", job.version);
  if (job.request.goal != job_goal::song) json.field("goal", name(job.request.goal));
  field_unless_empty(json, "batch_id", job.batch.text());
  json.field("theme", job.request.theme).field("tags", job.request.tags);
  append_outcome(json, job, self);
  json.key("workflow").begin_object();
  append_prompt_step(json, job.prompt);
  append_music_step(json, job.music);
  json.end_object();
  append_times(json, job);
  json.key("metadata").begin_object();
  for (const auto& [key, value] : job.request.metadata) json.field(key, value);
  json.end_object();
  json.key("urls").begin_object().field("self", self).field("events", self + "/events").field("cancel", self + "/cancel");
  json.field("audio", self + "/audio").end_object();
  json.end_object();
}

std::string_view message_for(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "The service refused a value of the request.";
    case errc::unauthorized:
    case errc::authentication: return "The service's own key was refused; its operator must look.";
    case errc::forbidden: return "The service's own key may not do this; its operator must look.";
    case errc::not_found:
    case errc::song_unknown: return "The music service does not know the song.";
    case errc::conflict: return "The state of the job did not allow it.";
    case errc::key_reused: return "The Idempotency-Key was used with another request.";
    case errc::key_spent: return "The job of this Idempotency-Key was erased.";
    case errc::queue_full: return "Too many jobs were waiting.";
    case errc::draining: return "The service was shutting down.";
    case errc::rate_limit: return "The upstream service limited the rate of requests.";
    case errc::quota_exhausted: return "The upstream service's paid quota is used up.";
    case errc::openai_api: return "The language model's service failed.";
    case errc::timeout: return "The upstream service did not answer in time.";
    case errc::request_error: return "The connection to the upstream service failed.";
    case errc::api_error: return "The upstream service failed or refused the request.";
    case errc::invalid_response: return "The upstream service's answer was not in its documented form.";
    case errc::content_rejected: return "The upstream service's moderation refused the content.";
    case errc::generation_failed: return "The music service could not make this song.";
    case errc::generation_timeout: return "The song was not ready in time.";
    case errc::submission_unknown: return "It is not known whether the music service took the request; nothing was sent again.";
    case errc::result_unavailable: return "The song is said to be ready, and its audio could not be fetched.";
    case errc::deadline_exceeded: return "The deadline passed.";
    case errc::canceled: return "The job was canceled.";
    case errc::store_unavailable: return "The store was not available.";
    case errc::unsupported: return "This is not possible with what is configured.";
    case errc::lease_lost:
    case errc::internal: return "Something unexpected happened.";
  }
  return "Something unexpected happened.";
}

std::string_view message_for(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::prompt_generation_failed: return "The prompt could not be written.";
    case failure_kind::music_generation_failed: return "The music could not be made.";
    case failure_kind::deadline_exceeded: return "The job's deadline passed before its result was there.";
    case failure_kind::canceled: return "The job was canceled.";
    case failure_kind::security_error: return "The job was stopped by a security rule.";
    case failure_kind::unexpected: return "Something unexpected happened.";
  }
  return "Something unexpected happened.";
}

}  // namespace music
