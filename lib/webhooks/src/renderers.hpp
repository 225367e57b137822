#pragma once

/// Bodies of deliveries.

#include <music/core/job.hpp>
#include <music/core/webhook.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace music::webhooks {

/// Something that happened to a job. `track` is the index of the track that `track_ready` tells.
struct happening {
  webhook_event what = webhook_event::started;
  std::optional<std::size_t> track{};
};

/// Standard Webhooks: {"type": "job.success", "timestamp": …, "data": {"job": {the whole job}}}, with "track_index" beside the
/// job for job.track_ready. The timestamp is the time of the change.
[[nodiscard]] std::string render_standard(const happening& event, const job& job, std::string_view base_url);

/// The body of /hooks/agent or /hooks/wake. Its text has facts that we made ourselves and nothing that a person or a provider
/// wrote: OpenClaw takes a wake's text for its own system's, and instructions in it would be followed. `wanted` says which
/// conversation asked; without a session key OpenClaw chooses.
[[nodiscard]] std::string render_openclaw(const happening& event, const job& job, const webhook_request& wanted,
                                          std::string_view base_url);

}  // namespace music::webhooks
