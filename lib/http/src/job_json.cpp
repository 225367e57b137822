#include "job_json.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {
namespace {

constexpr std::string_view id_prefix = "job_";

}  // namespace

std::string render_page(const job_page& page, std::string_view base_url) {
  std::string body = "{\"data\":[";
  for (const auto& job : page.jobs) {
    if (body.back() == '}') body.push_back(',');
    append_job(body, *job, base_url);
  }
  body += "],\"next_cursor\":";
  if (page.next_cursor) {
    append_json_string(body, to_cursor(*page.next_cursor));
  } else {
    body += "null";
  }
  body += page.next_cursor ? ",\"has_more\":true}" : ",\"has_more\":false}";
  return body;
}

std::string etag_of(const job& job) { return '"' + std::to_string(job.version) + '"'; }

std::string to_cursor(const job_id& id) { return id.text().substr(id_prefix.size()); }

std::optional<job_id> parse_cursor(std::string_view text) {
  std::string id{id_prefix};
  id += text;
  return job_id::parse(id);
}

}  // namespace music::http
