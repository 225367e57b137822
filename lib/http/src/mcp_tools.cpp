#include "mcp_tools.hpp"

#include "header_values.hpp"
#include "job_json.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/core/styles.hpp>

#include <cmath>

namespace music::http {
namespace {

constexpr std::string_view key_route = "POST /mcp";

using complaints = std::vector<field_error>;

void read_wait(const json_member& member, std::chrono::seconds& into, complaints& wrong) {
  const double most = static_cast<double>(longest_tool_wait.count());
  if (member.kind != json_kind::number || !(member.number >= 0 && member.number <= most) ||
      std::trunc(member.number) != member.number) {
    wrong.push_back({"wait_seconds", "must be a whole number from 0 to 25"});
  } else {
    into = std::chrono::seconds{static_cast<int>(member.number)};
  }
}

void read_key(const json_member& member, std::optional<request_key>& into, complaints& wrong) {
  auto text = member.kind == json_kind::text ? parse_idempotency_key(member.text) : std::nullopt;
  if (text) into = request_key{std::move(*text), std::string{key_route}};
  else wrong.push_back({"idempotency_key", "must be a text of 1 to 255 visible ASCII characters"});
}

/// `waits` tells whether the tool takes wait_seconds.
decoded_body<job_arguments> decode_job_arguments(const json_document& arguments, bool waits) {
  job_arguments decoded;
  complaints wrong;
  for (const auto& member : arguments) {
    if (member.depth > 1) continue;
    if (member.name == "job_id" && member.kind == json_kind::text) decoded.job_id = member.text;
    else if (member.name == "job_id") wrong.push_back({"job_id", "must be a string"});
    else if (waits && member.name == "wait_seconds") read_wait(member, decoded.wait, wrong);
    else wrong.push_back({std::string{first_code_points(member.name, 64)}, "is not a known field"});
  }
  if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};
  if (find_member(arguments, "job_id") == nullptr) return refusal{problem::missing_parameter, {{"job_id", "is required"}}};
  return decoded;
}

std::string_view after_success(job_goal goal) noexcept {
  switch (goal) {
    case job_goal::song:
      return "Fetch each track's url (with the same Authorization header as this server) and hand over the file.";
    case job_goal::prompt: return "Show generated_prompt to the user; no song is made of it by itself.";
  }
  return "";
}

std::string_view next_move(const job& job) noexcept {
  switch (job.status) {
    case job_status::queued:
    case job_status::running:
      return "Call get_music_job with this job_id and wait_seconds 25, and again until done is true. Do not ask for it again.";
    case job_status::canceling: return "Call get_music_job with this job_id until done is true.";
    case job_status::success: return after_success(job.request.goal);
    case job_status::canceled: return "The job was canceled; nothing more happens.";
    case job_status::error:
    case job_status::expired: break;
  }
  return job.charged == charge::no ? "Tell the user why; ask again only if they want that."
                                   : "Tell the user why, and that it may have cost something; ask again only if they want that.";
}

void append_tracks(json_writer& json, const job& job, const std::string& self) {
  json.key("tracks").begin_array();
  for (std::size_t i = 0; i < job.tracks.size(); ++i) {
    const auto& track = job.tracks[i];
    json.begin_object().field("title", track.title).field("duration_seconds", track.duration_seconds);
    json.field("url", self + "/tracks/" + std::to_string(i) + "/audio").field("content_type", track.content_type);
    json.field("size_bytes", track.size_bytes).field("sha256", track.sha256).end_object();
  }
  json.end_array();
}

std::string structured_job(const job& job, const std::string& self) {
  std::string text;
  json_writer json{text};
  json.begin_object().field("job_id", job.id.text()).field("status", name(job.status)).field("done", job.done());
  json.field("stage", name(job.stage)).field("theme", job.request.theme);
  if (job.request.goal == job_goal::prompt && !job.prompt.text.empty()) json.field("generated_prompt", job.prompt.text);
  if (!job.tracks.empty()) json.field("download_url", self + "/audio");
  append_tracks(json, job, self);
  if (job.failure) json.field("error_type", name(*job.failure)).field("message", message_for(*job.failure));
  const auto cause = job.music.failure ? job.music.failure : job.prompt.failure;
  if (cause) json.field("cause", name(*cause)).field("cause_message", message_for(*cause));
  json.field("charged", name(job.charged)).key("warnings").begin_array();
  for (const auto& warning : job.warnings) json.value(warning);
  json.end_array();
  if (!job.done()) json.field("poll_after_seconds", poll_again_after);
  json.field("next", next_move(job)).end_object();
  return text;
}

/// Only what a choice needs: the whole of GET /styles would fill a model's window.
std::string structured_styles() {
  std::string text;
  json_writer json{text};
  json.begin_object().key("styles").begin_array();
  for (const auto& style : song_styles()) {
    json.begin_object()
        .field("id", style.id)
        .field("name", style.name)
        .field("tags", style.tags)
        .field("moods", style.moods)
        .end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace

decoded_body<generate_arguments> decode_generate_arguments(json_document arguments) {
  generate_arguments decoded;
  complaints wrong;
  for (const auto& member : arguments) {
    if (member.depth == 1 && member.name == "wait_seconds") read_wait(member, decoded.wait, wrong);
    if (member.depth == 1 && member.name == "idempotency_key") read_key(member, decoded.key, wrong);
    if (member.depth == 1 && member.name == "webhook")
      wrong.push_back({"webhook", "is not a known field"});  // who calls a tool asks for its result
  }
  if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};
  std::erase_if(arguments, [](const json_member& member) {
    return member.depth == 1 && (member.name == "wait_seconds" || member.name == "idempotency_key");
  });
  auto song = decode_generate(arguments);
  if (!song) return song.error();
  decoded.song = std::move(*song);
  return decoded;
}

decoded_body<job_arguments> decode_get_arguments(const json_document& arguments) { return decode_job_arguments(arguments, true); }

decoded_body<job_arguments> decode_cancel_arguments(const json_document& arguments) {
  return decode_job_arguments(arguments, false);
}

void append_job_result(json_writer& json, const job& job, std::string_view base_url) {
  const auto self = std::string{base_url} + "/jobs/" + job.id.text();
  const auto structured = structured_job(job, self);
  json.key("content").begin_array();
  json.begin_object().field("type", "text").field("text", structured).end_object();
  for (std::size_t i = 0; i < job.tracks.size(); ++i) {
    const auto& track = job.tracks[i];
    json.begin_object().field("type", "resource_link").field("uri", self + "/tracks/" + std::to_string(i) + "/audio");
    json.field("name", track.title.empty() ? std::string{"song"} : track.title).field("mimeType", track.content_type);
    json.field("size", track.size_bytes).end_object();
  }
  json.end_array().key("structuredContent").raw(structured).field("isError", false);
}

void append_styles_result(json_writer& json) {
  const auto structured = structured_styles();
  json.key("content").begin_array().begin_object().field("type", "text").field("text", structured).end_object().end_array();
  json.key("structuredContent").raw(structured).field("isError", false);
}

void append_error_result(json_writer& json, const refusal& why) {
  const auto told = describe(why.what);
  auto text = std::string{told.error_type} + ": " + std::string{told.message};
  for (const auto& wrong : why.fields) text += "\n" + wrong.field + ": " + wrong.message;
  if (told.retry_after > 0)
    text += "\nTry again after " + std::to_string(told.retry_after) + " seconds, with the same idempotency_key.";
  json.key("content").begin_array().begin_object().field("type", "text").field("text", text).end_object().end_array();
  json.field("isError", true);
}

}  // namespace music::http
