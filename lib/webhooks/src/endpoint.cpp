#include "endpoint.hpp"

namespace music::webhooks {
namespace {

constexpr std::string_view openclaw_prefix = "openclaw ";
constexpr std::string_view service_text = "service";

}  // namespace

std::string to_text(const endpoint& of) {
  switch (of.where) {
    case endpoint::kind::url: return of.url;
    case endpoint::kind::service: return std::string{service_text};
    case endpoint::kind::openclaw: return std::string{openclaw_prefix} + std::string{name(of.hook)};
  }
  return {};
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  if (text == service_text) return endpoint{.where = endpoint::kind::service};
  if (!text.starts_with(openclaw_prefix)) return endpoint{.where = endpoint::kind::url, .url = std::string{text}};
  const auto hook = parse_openclaw_hook(text.substr(openclaw_prefix.size()));
  if (!hook) return std::nullopt;
  return endpoint{.where = endpoint::kind::openclaw, .hook = *hook};
}

}  // namespace music::webhooks
