#include "batch_json.hpp"

#include "json_list.hpp"
#include "request_json.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/base/time.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace music::http {
namespace {

constexpr std::string_view list_name = "requests";
constexpr std::string_view accepted_list = "must be a list of 1 to 100 requests";
constexpr std::size_t longest_named_field = 64;

std::vector<field_error> check_members(const json_list& list) {
  std::vector<field_error> wrong;
  for (const auto& member : list.members) {
    if (member.name == list_name) {
      const bool fits = member.kind == json_kind::array && list.count >= 1 && list.count <= largest_batch;
      if (!fits) wrong.push_back({std::string{list_name}, std::string{accepted_list}});
    } else {
      wrong.push_back({std::string{first_code_points(member.name, longest_named_field)}, "is not a known field"});
    }
    if (wrong.size() == most_batch_errors) break;
  }
  return wrong;
}

decoded_body<generate_request> decode_element(const std::optional<json_document>& element) {
  if (!element) return refusal{problem::validation_error, {{"", "must be an object"}}};
  return decode_generate(*element);
}

void append_counts(json_writer& json, const batch_summary& sum) {
  json.key("counts").begin_object();
  for (std::size_t i = 0; i < sum.jobs.size(); ++i) json.field(name(static_cast<job_status>(i)), sum.jobs[i]);
  json.field("erased", sum.erased).end_object();
}

void append_in_short(json_writer& json, const job& job, std::string_view base_url) {
  const auto self = std::string{base_url} + "/jobs/" + job.id.text();
  json.begin_object().field("id", job.id.text()).field("status", name(job.status)).field("done", job.done());
  json.field("stage", name(job.stage)).field("version", job.version);
  if (!job.tracks.empty()) json.field("download_url", self + "/audio");
  if (job.failure) json.field("error_type", name(*job.failure));
  json.key("urls").begin_object().field("self", self).end_object();
  json.end_object();
}

void append_erased(json_writer& json, const job_id& id) {
  json.begin_object().field("id", id.text()).field("status", "erased").field("done", true).end_object();
}

}  // namespace

std::vector<field_error> at_place(std::size_t place, std::vector<field_error> fields) {
  const auto request = std::string{list_name} + '[' + std::to_string(place) + ']';
  for (auto& wrong : fields) wrong.field = wrong.field.empty() ? request : request + '.' + wrong.field;
  return fields;
}

decoded_body<std::vector<generate_request>> decode_batch(std::string_view body) {
  const auto list = parse_json_list(body, list_name, largest_batch);
  if (!list) return refusal{problem::malformed_json};
  if (find_member(list->members, list_name) == nullptr) {
    return refusal{problem::missing_parameter, {{std::string{list_name}, "is required"}}};
  }
  auto wrong = check_members(*list);
  if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};

  std::vector<generate_request> requests;
  for (std::size_t place = 0; place < list->elements.size() && wrong.size() < most_batch_errors; ++place) {
    auto request = decode_element(list->elements[place]);
    if (request) requests.push_back(std::move(*request));
    else std::ranges::move(at_place(place, request.error().fields), std::back_inserter(wrong));
  }
  if (wrong.size() > most_batch_errors) wrong.resize(most_batch_errors);
  if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};
  return requests;
}

std::string render_batch(const batch& batch, std::string_view base_url) {
  const auto sum = summarise(batch);
  std::string body;
  json_writer json{body};
  json.begin_object().field("id", batch.id.text()).field("status", name(sum.status)).field("done", sum.done);
  json.field("created_at", to_rfc3339(batch.id.created_at()));
  if (sum.completed_at) json.field("completed_at", to_rfc3339(*sum.completed_at));
  append_counts(json, sum);
  json.key("jobs").begin_array();
  for (std::size_t place = 0; place < batch.jobs.size(); ++place) {
    const auto& job = batch.jobs[place];
    if (job) append_in_short(json, *job, base_url);
    else append_erased(json, batch.id.job(place));
  }
  json.end_array();
  json.key("urls").begin_object().field("self", std::string{base_url} + "/batches/" + batch.id.text()).end_object();
  json.end_object();
  return body;
}

}  // namespace music::http
