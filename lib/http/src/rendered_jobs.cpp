#include "rendered_jobs.hpp"

#include "job_json.hpp"
#include "response.hpp"

namespace music::http {

const rendered_job& rendered_jobs::get(const job_ptr& job) {
  auto found = entries_.find(std::string_view{job->id.text()});
  if (found == entries_.end()) {
    // at the limit any entry may go: a working set larger than this does not gain from a cleverer choice
    if (entries_.size() >= most_entries) entries_.erase(entries_.begin());
    found = entries_.emplace(job->id.text(), rendered_job{}).first;
  }
  auto& entry = found->second;
  if (entry.source != job) render(entry, job);
  entry.used_at = sweeps_;
  return entry;
}

void rendered_jobs::render(rendered_job& entry, const job_ptr& job) const {
  entry.source = job;
  entry.body.clear();
  append_job(entry.body, *job, base_url_);
  header_block lines;
  lines.add("Content-Length", entry.body.size());
  lines.add("X-Content-Type-Options", "nosniff");
  lines.add("Cache-Control", revalidated);
  lines.add("ETag", etag_of(*job));
  if (!job->done()) lines.add("Retry-After", poll_again_after);
  entry.head.clear();
  append_status_line(entry.head, 200);
  entry.head.append("Content-Type: ").append(json_type).append("\r\n").append(lines.lines());
}

void rendered_jobs::forget(std::string_view id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) entries_.erase(found);
}

void rendered_jobs::sweep() {
  ++sweeps_;
  std::erase_if(entries_, [this](const auto& entry) { return sweeps_ - entry.second.used_at > 2; });
}

}  // namespace music::http
