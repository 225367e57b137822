#pragma once

/// What can be told about a job to somebody who does not ask, and where it may go.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

/// The last four are the ends: exactly one of them comes for each run of a job.
enum class webhook_event : std::uint8_t {
  started,       ///< somebody works on it
  prompt_ready,  ///< the prompt is written
  track_ready,   ///< once for each track, when its audio is stored
  success,
  error,
  canceled,
  expired,
};

/// As it is spelt on the wire: "job.started", "job.prompt_ready", ...
[[nodiscard]] std::string_view name(webhook_event event) noexcept;
[[nodiscard]] std::optional<webhook_event> parse_webhook_event(std::string_view text) noexcept;

/// What is told when nobody says what to tell: the four ends.
[[nodiscard]] const std::vector<webhook_event>& default_webhook_events();

enum class webhook_format : std::uint8_t {
  standard,  ///< Standard Webhooks, signed, to a URL
  openclaw,  ///< the hooks of the configured OpenClaw gateway
};

[[nodiscard]] std::string_view name(webhook_format format) noexcept;
[[nodiscard]] std::optional<webhook_format> parse_webhook_format(std::string_view text) noexcept;

/// How a message enters OpenClaw: as an agent's turn, or as a line that wakes a session.
enum class openclaw_hook : std::uint8_t { agent, wake };

[[nodiscard]] std::string_view name(openclaw_hook hook) noexcept;
[[nodiscard]] std::optional<openclaw_hook> parse_openclaw_hook(std::string_view text) noexcept;

inline constexpr std::size_t longest_webhook_url = 2048;
inline constexpr std::size_t longest_session_key = 256;
inline constexpr std::size_t longest_openclaw_word = 128;

/// The `webhook` of a request. Empty fields are left out of what is sent.
struct webhook_request {
  webhook_format format = webhook_format::standard;
  std::vector<webhook_event> events;  ///< empty: the four ends
  std::string url;                    ///< format standard only, and then required
  // format openclaw only
  openclaw_hook hook = openclaw_hook::agent;
  std::string session_key;  ///< the conversation that asked, e.g. "agent:main:main"
  std::string agent_id;
  std::string channel;      ///< together with `to`, and for the agent hook only
  std::string to;

  friend bool operator==(const webhook_request&, const webhook_request&) = default;
};

}  // namespace music
