#pragma once

/// What the operator decides about telling others.

#include <music/base/secret.hpp>
#include <music/core/webhook.hpp>
#include <music/net/egress.hpp>
#include <music/webhooks/signer.hpp>

#include <optional>
#include <vector>

namespace music::webhooks {

/// Immutable once the service runs; everything that is made of it refers to it.
struct settings {
  net::egress_rules egress;  ///< for the URLs in requests; those below are checked already
  webhooks::signer signer;   ///< format `standard` needs it

  /// Where every job of the service is told, beside what a request asks for; nothing for `format` openclaw.
  std::optional<net::permitted_url> service_url;
  /// Whether the service tells anybody by itself, and how. `standard` needs `service_url`, `openclaw` needs `openclaw_url`.
  std::optional<webhook_format> service_format;
  std::vector<webhook_event> service_events = default_webhook_events();

  /// The gateway's hooks, e.g. http://127.0.0.1:18789/hooks; "/agent" or "/wake" is appended.
  std::optional<net::permitted_url> openclaw_url;
  secret openclaw_token;
};

}  // namespace music::webhooks
