#include "name_table.hpp"

#include <music/core/webhook.hpp>

namespace music {
namespace {

constexpr name_table<webhook_event, 7> events{
    {"job.started", "job.prompt_ready", "job.track_ready", "job.success", "job.error", "job.canceled", "job.expired"}};
constexpr name_table<webhook_format, 2> formats{{"standard", "openclaw"}};
constexpr name_table<openclaw_hook, 2> hooks{{"agent", "wake"}};

}  // namespace

std::string_view name(webhook_event event) noexcept { return events.of(event); }
std::string_view name(webhook_format format) noexcept { return formats.of(format); }
std::string_view name(openclaw_hook hook) noexcept { return hooks.of(hook); }

std::optional<webhook_event> parse_webhook_event(std::string_view text) noexcept { return events.find(text); }
std::optional<webhook_format> parse_webhook_format(std::string_view text) noexcept { return formats.find(text); }
std::optional<openclaw_hook> parse_openclaw_hook(std::string_view text) noexcept { return hooks.find(text); }

const std::vector<webhook_event>& default_webhook_events() {
  static const std::vector<webhook_event> ends{webhook_event::success, webhook_event::error, webhook_event::canceled,
                                               webhook_event::expired};
  return ends;
}

}  // namespace music
