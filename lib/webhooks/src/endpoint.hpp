#pragma once

/// Where a delivery goes, as it is written into the outbox.

#include <music/core/webhook.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music::webhooks {

/// A request's own URL is part of it; what the operator configured is only named, and looked up when it is sent: a changed
/// URL or token then holds for what waits, too.
struct endpoint {
  enum class kind : std::uint8_t { url, service, openclaw };

  kind where = kind::service;
  std::string url{};                          ///< kind url
  openclaw_hook hook = openclaw_hook::agent;  ///< kind openclaw

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// The URL itself, "service", "openclaw agent" or "openclaw wake": the owner of a job may read it.
[[nodiscard]] std::string to_text(const endpoint& of);
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

}  // namespace music::webhooks
