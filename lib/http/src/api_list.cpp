#include "api.hpp"

#include "header_values.hpp"
#include "job_json.hpp"

#include <charconv>

namespace music::http {
namespace {

constexpr std::size_t most_in_a_page = 100;
constexpr std::size_t longest_named_parameter = 64;

std::optional<std::size_t> parse_limit(std::string_view text) noexcept {
  std::size_t limit = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (ec != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > most_in_a_page) return std::nullopt;
  return limit;
}

void read_parameter(std::string_view name, std::string_view value, job_query& query, std::vector<field_error>& wrong) {
  if (name == "status") {
    query.status = parse_job_status(value);
    if (!query.status)
      wrong.push_back({"status", "must be one of queued, running, canceling, success, error, canceled, expired"});
  } else if (name == "limit") {
    const auto limit = parse_limit(value);
    if (limit) query.limit = *limit;
    if (!limit) wrong.push_back({"limit", "must be a whole number from 1 to 100"});
  } else if (name == "cursor") {
    query.cursor = parse_cursor(value);
    if (!query.cursor) wrong.push_back({"cursor", "must be a next_cursor of this service"});
  } else {
    wrong.push_back({std::string{name.substr(0, longest_named_parameter)}, "is not a known parameter"});
  }
}

/// Values are compared as they stand: none of them ever needs a percent escape.
decoded_body<job_query> decode_query(std::string_view text) {
  job_query query;
  std::vector<field_error> wrong;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    read_parameter(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())), query, wrong);
    if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};
  }
  return query;
}

}  // namespace

task<response> api::list_jobs(request in) {
  auto query = decode_query(in.where.query);
  if (!query) co_return fail(query.error(), in);
  auto listing = ports_.jobs.list(*query, *in.by);
  const auto page = co_await std::move(listing);
  if (!page) co_return fail(page.error(), in);
  response answer;
  answer.content_type = json_type;
  answer.headers.add("Cache-Control", revalidated);
  answer.body = render_page(*page, base_url_);
  co_return answer;
}

}  // namespace music::http
