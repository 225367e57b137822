#include <music/core/webhook.hpp>

#include <array>

namespace music {
namespace {

constexpr std::array<std::string_view, 7> events{"job.started", "job.prompt_ready", "job.track_ready", "job.success",
                                                 "job.error", "job.canceled", "job.expired"};
constexpr std::array<std::string_view, 2> formats{"standard", "openclaw"};
constexpr std::array<std::string_view, 2> hooks{"agent", "wake"};

template <class Enum, std::size_t Count>
std::optional<Enum> find(const std::array<std::string_view, Count>& names, std::string_view text) noexcept {
  for (std::size_t i = 0; i < Count; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(webhook_event event) noexcept { return events[static_cast<std::size_t>(event)]; }
std::string_view name(webhook_format format) noexcept { return formats[static_cast<std::size_t>(format)]; }
std::string_view name(openclaw_hook hook) noexcept { return hooks[static_cast<std::size_t>(hook)]; }

std::optional<webhook_event> parse_webhook_event(std::string_view text) noexcept { return find<webhook_event>(events, text); }
std::optional<webhook_format> parse_webhook_format(std::string_view text) noexcept { return find<webhook_format>(formats, text); }
std::optional<openclaw_hook> parse_openclaw_hook(std::string_view text) noexcept { return find<openclaw_hook>(hooks, text); }

const std::vector<webhook_event>& default_webhook_events() {
  static const std::vector<webhook_event> ends{webhook_event::success, webhook_event::error, webhook_event::canceled,
                                               webhook_event::expired};
  return ends;
}

}  // namespace music
