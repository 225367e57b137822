#include "router.hpp"

#include <array>

namespace music::http {
namespace {

constexpr std::string_view reading = "GET, HEAD, OPTIONS";
constexpr std::string_view posting = "POST, OPTIONS";

/// The job comes first: it is asked for far more often than anything else.
constexpr std::array table{
    route{endpoint::job, "/jobs/{}", "GET, HEAD, DELETE, OPTIONS", body_rule::none, false, true},
    route{endpoint::generate, "/generate", posting, body_rule::required, false, true},
    route{endpoint::jobs, "/jobs", reading, body_rule::none, false, true},
    route{endpoint::job_cancel, "/jobs/{}/cancel", posting, body_rule::optional, false, true},
    route{endpoint::job_retry, "/jobs/{}/retry", posting, body_rule::optional, false, true},
    route{endpoint::job_events, "/jobs/{}/events", reading, body_rule::none, false, false, true},
    route{endpoint::job_deliveries, "/jobs/{}/deliveries", reading, body_rule::none, false, true},
    route{endpoint::redeliver, "/deliveries/{}/redeliver", posting, body_rule::optional, false, true},
    route{endpoint::job_audio, "/jobs/{}/audio", reading},
    route{endpoint::track_audio, "/jobs/{}/tracks/{}/audio", reading},
    route{endpoint::skills, "/skills", reading, body_rule::none, false, true},
    route{endpoint::prompt_skill, "/skills/chatgpt-prompt-generator", posting, body_rule::required, false, true},
    route{endpoint::music_skill, "/skills/suno-music-generator", posting, body_rule::required, false, true},
    route{endpoint::orchestrator_skill, "/skills/music-orchestrator", posting, body_rule::required, false, true},
    route{endpoint::styles, "/styles", reading, body_rule::none, false, true},
    route{endpoint::mcp, "/mcp", posting, body_rule::required, false, true},
    route{endpoint::song_callback, "/callbacks/suno/{}", posting, body_rule::required, true},
    route{endpoint::metrics, "/metrics", reading},
    route{endpoint::providers, "/providers", reading, body_rule::none, false, true},
    route{endpoint::livez, "/livez", reading, body_rule::none, true},
    route{endpoint::readyz, "/readyz", reading, body_rule::none, true},
    route{endpoint::openapi, "/openapi.yaml", reading},
    route{endpoint::root, "/", reading},
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

}  // namespace

std::span<const route> routes() noexcept { return table; }

route_match match(std::string_view target) noexcept {
  route_match result;
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  if (question != std::string_view::npos) result.query = target.substr(question + 1);
  if (!path.starts_with('/')) return result;
  for (const auto& candidate : table) {
    if (fits(candidate.pattern, path, result)) {
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
