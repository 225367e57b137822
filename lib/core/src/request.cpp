#include <music/base/hash.hpp>
#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/core/request.hpp>

#include <algorithm>

namespace music {
namespace {

void check_text(std::vector<field_error>& problems, std::string_view field, std::string& value, std::size_t shortest,
                std::size_t longest) {
  value = std::string{trim(value)};
  const auto problem = check_line(value, shortest, longest);
  if (problem != text_problem::none) problems.push_back({std::string{field}, describe(problem, shortest, longest)});
}

bool plain_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

void check_metadata(std::vector<field_error>& problems, const generate_request& request) {
  if (request.metadata.size() > most_metadata) problems.push_back({"metadata", "must have at most 16 entries"});
  for (const auto& [key, value] : request.metadata) {
    if (key.empty() || key.size() > longest_metadata_key || !plain_word(key)) {
      problems.push_back({"metadata", "keys must have 1 to 64 characters of A-Z a-z 0-9 _ - ."});
      return;
    }
    const auto length = count_code_points(value);
    if (!length || *length > longest_metadata_value) {
      problems.push_back({"metadata", "values must have at most 512 characters"});
      return;
    }
  }
}

void check_numbers(std::vector<field_error>& problems, const generate_request& request) {
  if (request.duration_seconds && (*request.duration_seconds < shortest_song || *request.duration_seconds > longest_song)) {
    problems.push_back({"duration_seconds", "must be a number from 20 to 300"});
  }
  if (request.seed && *request.seed > largest_seed) problems.push_back({"seed", "must be a whole number from 0 to 2147483647"});
  if (request.deadline && *request.deadline < shortest_deadline) {
    problems.push_back({"deadline_seconds", "must be a whole number of at least 5"});
  }
}

}  // namespace

std::vector<field_error> validate(generate_request& request) {
  std::vector<field_error> problems;
  check_text(problems, "theme", request.theme, shortest_theme, longest_theme);
  check_text(problems, "tags", request.tags, 0, longest_tags);
  check_text(problems, "title", request.title, 0, longest_title);
  check_text(problems, "style", request.style, 0, longest_tags);
  check_numbers(problems, request);
  check_metadata(problems, request);
  return problems;
}

std::string fingerprint(const generate_request& request) {
  std::string canonical;
  json_writer json{canonical};
  json.begin_array().value(request.theme).value(request.tags).value(request.title).value(request.style).value(request.provider);
  request.instrumental ? json.value(*request.instrumental) : json.null();
  request.duration_seconds ? json.value(*request.duration_seconds) : json.null();
  request.seed ? json.value(*request.seed) : json.null();
  request.format ? json.value(name(*request.format)) : json.null();
  request.deadline ? json.value(static_cast<std::int64_t>(request.deadline->count())) : json.null();
  auto sorted = request.metadata;
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [key, value] : sorted) json.value(key).value(value);
  json.end_array();
  return to_hex(sha256_of(canonical));
}

}  // namespace music
