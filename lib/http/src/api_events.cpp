#include "api.hpp"
#include "header_values.hpp"
#include "job_events.hpp"

namespace music::http {
namespace {

/// EventSource sends the header when it comes again; whoever cannot set headers says it in the query.
std::optional<std::uint64_t> last_event_seen(const request& in) {
  if (in.head->has(field::last_event_id)) return parse_event_id(in.head->value(field::last_event_id));
  constexpr std::string_view parameter = "last_event_id=";
  auto query = in.where.query;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.starts_with(parameter)) return parse_event_id(pair.substr(parameter.size()));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

}  // namespace

task<response> api::get_events(request in) {
  auto finding = lookup_.find(in.where.id, in.by);
  auto found = co_await std::move(finding);
  if (!found) co_return fail(found.error(), in);
  const auto last_seen = last_event_seen(in);
  response answer;
  answer.headers.add("Cache-Control", never_stored);
  if ((*found)->done() && last_seen == (*found)->version) {
    answer.status = 204;  // tells an EventSource to stop coming again
    co_return answer;
  }
  answer.content_type = "text/event-stream";
  answer.headers.add("X-Accel-Buffering", "no");
  const event_source source{ports_.jobs, ports_.clock, base_url_, *in.hurry};
  answer.stream = stream_events(std::move(*found), *in.by, last_seen, source);
  co_return answer;
}

}  // namespace music::http
