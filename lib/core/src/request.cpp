#include "name_table.hpp"

#include <music/base/hash.hpp>
#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/core/request.hpp>

#include <algorithm>

namespace music {
namespace {

constexpr name_table<job_goal, 2> goals{{"song", "prompt"}};

void check_text(std::vector<field_error>& problems, std::string_view field, std::string& value, std::size_t shortest,
                std::size_t longest) {
  value = std::string{trim(value)};
  const auto problem = check_line(value, shortest, longest);
  if (problem != text_problem::none) problems.push_back({std::string{field}, describe(problem, shortest, longest)});
}

/// A prompt makes the theme optional: what a theme is for has been done.
void check_prompt_or_theme(std::vector<field_error>& problems, generate_request& request) {
  if (!request.prompt.empty()) {
    request.prompt = std::string{trim(request.prompt)};
    const auto problem = check_prompt(request.prompt);
    if (problem != text_problem::none) problems.push_back({"prompt", describe(problem, shortest_prompt, longest_prompt)});
    if (trim(request.theme).empty()) {
      request.theme.clear();
      return;
    }
  }
  check_text(problems, "theme", request.theme, shortest_theme, longest_theme);
}

bool plain_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// Lines as the rest of the service knows them: browsers and Windows end theirs with \r\n.
void check_lyrics_of(std::vector<field_error>& problems, generate_request& request) {
  std::string unified;
  for (std::size_t i = 0; i < request.lyrics.size(); ++i) {
    const bool line_end = request.lyrics[i] == '\r' && i + 1 < request.lyrics.size() && request.lyrics[i + 1] == '\n';
    if (!line_end) unified += request.lyrics[i];
  }
  request.lyrics = std::string{trim(unified)};
  const auto problem = check_lyrics(request.lyrics);
  if (problem != text_problem::none) problems.push_back({"lyrics", describe(problem, 0, longest_lyrics)});
}

bool plain_words(std::string_view model) {
  while (!model.empty()) {
    const auto slash = model.find('/');
    const auto word = model.substr(0, slash);
    const auto allowed = [](char c) { return plain_word({&c, 1}) || c == ':'; };
    if (!std::all_of(word.begin(), word.end(), allowed) || word.find_first_not_of('.') == std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    model.remove_prefix(slash + 1);
  }
  return false;
}

void check_model(std::vector<field_error>& problems, const generate_request& request) {
  if (!request.model.empty() && !valid_model(request.model)) {
    problems.push_back({"model", "must have at most 100 characters of A-Z a-z 0-9 _ - . : in words joined by /"});
  }
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

bool visible_word(std::string_view text, std::size_t longest) {
  return text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Where the URL may lead is not a rule of the domain: `notifier::check` knows.
void check_standard(std::vector<field_error>& problems, const webhook_request& webhook) {
  const auto refuse = [&](const char* field, const char* message) { problems.push_back({field, message}); };
  if (webhook.url.empty() || !visible_word(webhook.url, longest_webhook_url)) {
    refuse("webhook.url", "must be an https URL of at most 2048 characters");
  }
  const bool openclaw_field = !webhook.session_key.empty() || !webhook.agent_id.empty() || !webhook.channel.empty() ||
                              !webhook.to.empty() || webhook.hook != openclaw_hook::agent;
  if (openclaw_field) refuse("webhook", "hook, session_key, agent_id, channel and to need \"format\": \"openclaw\"");
}

void check_openclaw(std::vector<field_error>& problems, const webhook_request& webhook) {
  const auto refuse = [&](const char* field, const char* message) { problems.push_back({field, message}); };
  if (!webhook.url.empty()) refuse("webhook.url", "must be left out with \"format\": \"openclaw\": the gateway is configured");
  if (!visible_word(webhook.session_key, longest_session_key)) {
    refuse("webhook.session_key", "must have at most 256 visible ASCII characters");
  }
  if (!visible_word(webhook.agent_id, longest_openclaw_word)) {
    refuse("webhook.agent_id", "must have at most 128 visible ASCII characters");
  }
  if (webhook.channel.empty() != webhook.to.empty()) refuse("webhook.channel", "must be given together with to");
  if (!webhook.channel.empty() && webhook.hook == openclaw_hook::wake)
    refuse("webhook.channel", "is for \"hook\": \"agent\" only");
  if (!visible_word(webhook.channel, longest_openclaw_word) || !visible_word(webhook.to, longest_openclaw_word)) {
    refuse("webhook.channel", "channel and to must have at most 128 visible ASCII characters");
  }
}

void check_webhook(std::vector<field_error>& problems, const generate_request& request) {
  if (!request.webhook) return;
  switch (request.webhook->format) {
    case webhook_format::standard: return check_standard(problems, *request.webhook);
    case webhook_format::openclaw: return check_openclaw(problems, *request.webhook);
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

std::string_view name(job_goal goal) noexcept { return goals.of(goal); }
std::optional<job_goal> parse_job_goal(std::string_view text) noexcept { return goals.find(text); }

bool valid_model(std::string_view model) { return model.size() <= longest_model && plain_words(model); }

std::vector<field_error> validate(generate_request& request) {
  std::vector<field_error> problems;
  check_prompt_or_theme(problems, request);
  check_text(problems, "tags", request.tags, 0, longest_tags);
  check_text(problems, "title", request.title, 0, longest_title);
  check_text(problems, "style", request.style, 0, longest_tags);
  check_text(problems, "negative_tags", request.negative_tags, 0, longest_negative_tags);
  check_lyrics_of(problems, request);
  check_model(problems, request);
  check_numbers(problems, request);
  check_webhook(problems, request);
  check_metadata(problems, request);
  return problems;
}

namespace {

/// Each in an object of its own, which no metadata pair can look like.
void append_later_fields(json_writer& json, const generate_request& request) {
  const auto append = [&json](std::string_view field, std::string_view value) {
    if (!value.empty()) json.begin_object().field(field, value).end_object();
  };
  append("prompt", request.prompt);
  append("model", request.model);
  append("lyrics", request.lyrics);
  append("negative_tags", request.negative_tags);
  append("quality", request.quality ? name(*request.quality) : "");
  append("goal", request.goal == job_goal::song ? "" : name(request.goal));
  if (!request.webhook) return;
  const auto& webhook = *request.webhook;
  json.begin_object().key("webhook").begin_array().value(name(webhook.format)).value(webhook.url).value(name(webhook.hook));
  json.value(webhook.session_key).value(webhook.agent_id).value(webhook.channel).value(webhook.to);
  for (const auto event : webhook.events) json.value(name(event));
  json.end_array().end_object();
}

}  // namespace

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
  append_later_fields(json, request);
  json.end_array();
  return to_hex(sha256_of(canonical));
}

}  // namespace music
