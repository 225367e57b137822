#include "renderers.hpp"

#include <music/base/json_writer.hpp>
#include <music/view/job_view.hpp>

namespace music::webhooks {
namespace {

constexpr std::string_view speaker = "Music";

std::string self_of(const job& job, std::string_view base_url) { return std::string{base_url} + "/jobs/" + job.id.text(); }

std::string audio_of(const job& job, std::size_t track, const std::string& self) {
  const auto& file = job.tracks[track];
  return self + "/tracks/" + std::to_string(track) + "/audio (" + file.content_type + ", " + std::to_string(file.size_bytes) +
         " bytes, " + std::to_string(static_cast<long>(file.duration_seconds)) + " s)";
}

/// Why there is no result, from our own fixed texts.
std::string cause_of(const job& job) {
  std::string text;
  if (job.failure) text += " Cause: " + std::string{name(*job.failure)} + ". " + std::string{message_for(*job.failure)};
  const auto step = job.music.failure ? job.music.failure : job.prompt.failure;
  if (step) text += " Detail: " + std::string{name(*step)} + ". " + std::string{message_for(*step)};
  text += " Charged: " + std::string{name(job.charged)} + ".";
  text += retryable(job) ? " It can be retried." : " Retrying will not help.";
  return text;
}

/// What success has made. A prompt's words are not ours: where they stand is told, and whoever may read the job reads them.
std::string result_of(const job& job, const std::string& self) {
  std::string text;
  switch (job.request.goal) {
    case job_goal::song:
      for (std::size_t i = 0; i < job.tracks.size(); ++i) text += " Audio: " + audio_of(job, i, self) + '.';
      break;
    case job_goal::prompt: text = " Its prompt is workflow.step1_prompt_generation.generated_prompt of the job."; break;
  }
  return text;
}

std::string outcome_of(const happening& event, const job& job, const std::string& self) {
  switch (event.what) {
    case webhook_event::started: return "has started.";
    case webhook_event::prompt_ready:
      return job.request.goal == job_goal::song ? "has its prompt; the music comes next." : "has its prompt.";
    case webhook_event::track_ready: return "has a track ready. Audio: " + audio_of(job, event.track.value_or(0), self) + '.';
    case webhook_event::success: return "succeeded." + result_of(job, self);
    case webhook_event::error: return "failed." + cause_of(job);
    case webhook_event::canceled: return "was canceled. Charged: " + std::string{name(job.charged)} + '.';
    case webhook_event::expired: return "did not end by its deadline." + cause_of(job);
  }
  return {};
}

void field_unless_empty(json_writer& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

}  // namespace

std::string render_openclaw(const happening& event, const job& job, const webhook_request& wanted, std::string_view base_url) {
  const auto self = self_of(job, base_url);
  const auto text = "Music job " + job.id.text() + ' ' + outcome_of(event, job, self) + " Job: " + self;
  std::string body;
  json_writer json{body};
  json.begin_object();
  switch (wanted.hook) {
    case openclaw_hook::wake: json.field("text", text).field("mode", "now"); break;
    case openclaw_hook::agent:
      json.field("message", text).field("name", speaker).field("wakeMode", "now");
      // without it every message would begin a conversation of its own
      if (!wanted.session_key.empty()) json.field("sessionMode", "persistent");
      field_unless_empty(json, "channel", wanted.channel);
      field_unless_empty(json, "to", wanted.to);
      break;
  }
  field_unless_empty(json, "sessionKey", wanted.session_key);
  field_unless_empty(json, "agentId", wanted.agent_id);
  json.end_object();
  return body;
}

}  // namespace music::webhooks
