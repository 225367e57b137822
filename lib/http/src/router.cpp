#include "router.hpp"

#include <array>

namespace music::http {
namespace {

constexpr std::string_view reading = "GET, HEAD, OPTIONS";
constexpr std::string_view posting = "POST, OPTIONS";

/// The job comes first: it is asked for far more often than anything else.
constexpr std::array table{
    route{.where = endpoint::job, .pattern = "/jobs/{}", .allow = "GET, HEAD, DELETE, OPTIONS", .json_only = true},
    route{.where = endpoint::generate, .pattern = "/generate", .allow = posting, .body = body_rule::required, .json_only = true},
    route{.where = endpoint::batches,
          .pattern = "/batches",
          .allow = posting,
          .body = body_rule::required,
          .json_only = true,
          .large = true},
    route{.where = endpoint::batch, .pattern = "/batches/{}", .allow = reading, .json_only = true},
    route{.where = endpoint::jobs, .pattern = "/jobs", .allow = reading, .json_only = true},
    route{.where = endpoint::job_cancel,
          .pattern = "/jobs/{}/cancel",
          .allow = posting,
          .body = body_rule::optional,
          .json_only = true},
    route{.where = endpoint::job_retry,
          .pattern = "/jobs/{}/retry",
          .allow = posting,
          .body = body_rule::optional,
          .json_only = true},
    route{.where = endpoint::job_events, .pattern = "/jobs/{}/events", .allow = reading, .lasts = true},
    route{.where = endpoint::job_deliveries, .pattern = "/jobs/{}/deliveries", .allow = reading, .json_only = true},
    route{.where = endpoint::redeliver,
          .pattern = "/deliveries/{}/redeliver",
          .allow = posting,
          .body = body_rule::optional,
          .json_only = true},
    route{.where = endpoint::job_audio, .pattern = "/jobs/{}/audio", .allow = reading},
    route{.where = endpoint::track_audio, .pattern = "/jobs/{}/tracks/{}/audio", .allow = reading},
    route{.where = endpoint::skills, .pattern = "/skills", .allow = reading, .json_only = true},
    route{.where = endpoint::prompt_skill,
          .pattern = "/skills/chatgpt-prompt-generator",
          .allow = posting,
          .body = body_rule::required,
          .json_only = true},
    route{.where = endpoint::openclaw_call,
          .pattern = "/webhooks/openclaw",
          .allow = posting,
          .body = body_rule::required,
          .json_only = true},
    route{.where = endpoint::music_skill,
          .pattern = "/skills/suno-music-generator",
          .allow = posting,
          .body = body_rule::required,
          .json_only = true},
    route{.where = endpoint::orchestrator_skill,
          .pattern = "/skills/music-orchestrator",
          .allow = posting,
          .body = body_rule::required,
          .json_only = true},
    route{.where = endpoint::styles, .pattern = "/styles", .allow = reading, .json_only = true},
    route{.where = endpoint::mcp, .pattern = "/mcp", .allow = posting, .body = body_rule::required, .json_only = true},
    route{.where = endpoint::song_callback,
          .pattern = "/callbacks/suno/{}",
          .allow = posting,
          .body = body_rule::required,
          .open = true},
    route{.where = endpoint::metrics, .pattern = "/metrics", .allow = reading},
    route{.where = endpoint::providers, .pattern = "/providers", .allow = reading, .json_only = true},
    route{.where = endpoint::livez, .pattern = "/livez", .allow = reading, .open = true},
    route{.where = endpoint::readyz, .pattern = "/readyz", .allow = reading, .open = true},
    route{.where = endpoint::openapi, .pattern = "/openapi.yaml", .allow = reading},
    route{.where = endpoint::root, .pattern = "/", .allow = reading},
};

/// Cuts off and gives the segment between the leading slash and the next one.
std::string_view next_segment(std::string_view& rest) noexcept {
  rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool fits(std::string_view pattern, std::string_view path, route_match& found) noexcept {
  std::array<std::string_view, 2> taken;
  std::size_t count = 0;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    const auto given = next_segment(path);
    if (wanted != "{}") {
      if (wanted != given) return false;
    } else {
      if (given.empty()) return false;
      taken[count++] = given;
    }
  }
  if (!pattern.empty() || !path.empty()) return false;
  found.id = taken[0];
  found.number = taken[1];
  return true;
}

bool serves(served_role role, endpoint where) noexcept {
  switch (where) {
    case endpoint::root:
    case endpoint::openapi:
    case endpoint::livez:
    case endpoint::readyz:
    case endpoint::metrics:
    case endpoint::skills: return true;
    case endpoint::prompt_skill: return role != served_role::music;
    case endpoint::generate:
    case endpoint::batches:
    case endpoint::batch:
    case endpoint::orchestrator_skill:
    case endpoint::openclaw_call:
    case endpoint::mcp: return role == served_role::all;
    case endpoint::jobs:
    case endpoint::job:
    case endpoint::job_cancel:
    case endpoint::job_retry:
    case endpoint::job_events:
    case endpoint::job_deliveries:
    case endpoint::redeliver:
    case endpoint::job_audio:
    case endpoint::track_audio:
    case endpoint::music_skill:
    case endpoint::song_callback:
    case endpoint::styles:
    case endpoint::providers: return role != served_role::prompt;
    case endpoint::none: return false;
  }
  return false;
}

}  // namespace

std::span<const route> routes() noexcept { return table; }

route_match match(std::string_view target, served_role role) noexcept {
  route_match result;
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  if (question != std::string_view::npos) result.query = target.substr(question + 1);
  if (!path.starts_with('/')) return result;
  for (const auto& candidate : table) {
    if (serves(role, candidate.where) && fits(candidate.pattern, path, result)) {
      result.found = &candidate;
      break;
    }
  }
  return result;
}

bool allows(const route& where, method verb) noexcept {
  const auto listed = [&](std::string_view name) { return where.allow.find(name) != std::string_view::npos; };
  switch (verb) {
    case method::get: return listed("GET");
    case method::head: return listed("HEAD");
    case method::post: return listed("POST");
    case method::del: return listed("DELETE");
    case method::options: return true;
    case method::other: return false;
  }
  return false;
}

}  // namespace music::http
