#pragma once

/// Which handler a target belongs to: one table, read by the router, by `Allow`, and by the test that holds `openapi.yaml`
/// against it.

#include "request_head.hpp"

#include <music/http/server.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace music::http {

enum class endpoint : std::uint8_t {
  none,
  root,
  openapi,
  livez,
  readyz,
  generate,
  batches,
  batch,
  jobs,
  job,
  job_cancel,
  job_retry,
  job_events,
  job_deliveries,
  redeliver,
  job_audio,
  track_audio,
  song_callback,
  skills,
  prompt_skill,
  music_skill,
  orchestrator_skill,
  openclaw_call,
  styles,
  mcp,
  metrics,
  providers,
};

enum class body_rule : std::uint8_t {
  none,      ///< the method has no body
  optional,  ///< POST without one is fine
  required,
};

/// `pattern` is also the route's name in logs. `{}` in it stands for exactly one non-empty path segment.
struct route {
  endpoint where;
  std::string_view pattern;
  std::string_view allow;  ///< the value of Allow
  body_rule body = body_rule::none;
  bool open = false;       ///< answered without an API key
  bool json_only = false;  ///< its answers are JSON: a client that accepts none gets 406
  bool large = false;      ///< its body may have `batch_body_limit` bytes
  bool lasts = false;      ///< its answer goes on for as long as something is to be told
};

[[nodiscard]] std::span<const route> routes() noexcept;

/// The segments that stood for `{}`, raw: never percent-decoded, so that an id is either ours byte by byte or unknown.
struct route_match {
  const route* found = nullptr;
  std::string_view id;
  std::string_view number;
  std::string_view query;  ///< without the question mark
};

/// `target` in origin form. What a process of that role does not serve is not found.
[[nodiscard]] route_match match(std::string_view target, served_role role = served_role::all) noexcept;

[[nodiscard]] bool allows(const route& where, method verb) noexcept;

}  // namespace music::http
