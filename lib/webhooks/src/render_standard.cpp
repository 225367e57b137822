#include "renderers.hpp"

#include <music/base/json_writer.hpp>
#include <music/view/job_view.hpp>

namespace music::webhooks {

std::string render_standard(const happening& event, const job& job, std::string_view base_url) {
  std::string whole;
  append_job(whole, job, base_url);
  std::string body;
  body.reserve(whole.size() + 128);
  json_writer json{body};
  json.begin_object().field("type", name(event.what)).field("timestamp", to_rfc3339(job.updated_at));
  json.key("data").begin_object().key("job").raw(whole);
  if (event.track) json.field("track_index", *event.track);
  json.end_object().end_object();
  return body;
}

}  // namespace music::webhooks
