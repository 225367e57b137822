#include "api.hpp"

#include "job_json.hpp"
#include "openclaw_call.hpp"
#include "skill_list.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {
namespace {

/// The design document's result, good or bad: what OpenAI refuses is the skill's outcome, not a failure of this service.
std::string render_prompt(const std::string& theme, const result<written_prompt>& written, wall_time now) {
  std::string body;
  json_writer json{body};
  json.begin_object().field("status", written ? "success" : "error").field("theme", theme);
  if (written) {
    json.field("generated_prompt", written->text).field("model", written->model).field("tokens_used", written->tokens_used);
    if (written->cached) json.field("cached", true);
    append_plan(json, written->plan);
  } else {
    json.field("error_type", name(written.error().code)).field("message", message_for(written.error().code));
  }
  json.field("timestamp", to_rfc3339(now)).end_object();
  return body;
}

/// Failures of this service rather than of the skill.
bool refused_by_us(errc code) noexcept { return code == errc::queue_full || code == errc::canceled; }

}  // namespace

response api::list_skills() const { return json_response(200, render_skills(base_url_, role_)); }

task<response> api::write_prompt(request in) {
  if (ports_.prompts == nullptr) co_return fail(problem::not_found, in);
  auto wanted = decode_prompt_skill(*in.body);
  if (!wanted) co_return fail(wanted.error(), in);
  const auto theme = wanted->theme;
  auto writing = ports_.prompts->write(std::move(*wanted), in.hurry);
  const auto written = co_await std::move(writing);
  if (!written && refused_by_us(written.error().code)) co_return fail(written.error(), in);
  co_return json_response(200, render_prompt(theme, written, ports_.clock.wall_now()));
}

task<response> api::make_music(request in) {
  auto wanted = decode_music_skill(*in.body);
  if (!wanted) co_return fail(wanted.error(), in);
  auto admitting = admit(in, std::move(*wanted));
  co_return co_await std::move(admitting);
}

task<response> api::take_openclaw_call(request in) {
  auto wanted = decode_openclaw_call(*in.body);
  if (!wanted) co_return fail(wanted.error(), in);
  auto admitting = admit(in, std::move(*wanted));
  co_return co_await std::move(admitting);
}

}  // namespace music::http
