#pragma once

/// The service's log: one event a line, in the design document's format or as JSON.
///
///   2026-02-15T10:30:45.123Z - music_orchestrator - INFO - API: OpenAI/ChatGPT | Operation: generate_music_prompt |
///   Status: success | Details: {'theme_length': 25, 'model': 'gpt-4'}
///
/// What may be logged: times, operations, outcomes, lengths, error types, durations, job and request ids. Never keys,
/// themes, prompts, lyrics or upstream bodies. Text values pass through `redact` all the same.
///
/// Thread-safe. Writing happens on a thread of its own; a full queue (8,192 lines) drops the oldest lines rather than
/// hold up an event loop, and the next line that gets through says how many were lost.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace music::log {

enum class level : std::uint8_t { debug, info, warning, error, off };
enum class format : std::uint8_t { text, json };

/// One named detail. The views must live until `write` returns.
struct field {
  std::string_view key;
  std::variant<std::int64_t, double, bool, std::string_view> value;

  field(std::string_view k, std::string_view v) : key(k), value(v) {}
  field(std::string_view k, const char* v) : key(k), value(std::string_view{v}) {}
  field(std::string_view k, const std::string& v) : key(k), value(std::string_view{v}) {}
  field(std::string_view k, bool v) : key(k), value(v) {}
  field(std::string_view k, double v) : key(k), value(v) {}
  template <class T>
    requires std::is_integral_v<T>
  field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// What happened. `component` is who says it (music_orchestrator, http, ...), `api` what it talked to.
struct event {
  std::string_view component;
  std::string_view api;
  std::string_view operation;
  std::string_view status;
};

struct options {
  level threshold = level::info;
  log::format format = log::format::text;
  std::function<void(std::string_view line)> sink{};  ///< for tests: called under a lock instead of writing to stderr
};

/// Starts or reconfigures the log. Before the first call nothing is written.
void start(options chosen);

/// Writes out what is queued and ends the log's thread.
void stop();

[[nodiscard]] bool enabled(level at) noexcept;

void write(level at, const event& what, std::initializer_list<field> details = {});

inline void debug(const event& what, std::initializer_list<field> details = {}) { write(level::debug, what, details); }
inline void info(const event& what, std::initializer_list<field> details = {}) { write(level::info, what, details); }
inline void warning(const event& what, std::initializer_list<field> details = {}) { write(level::warning, what, details); }
inline void error(const event& what, std::initializer_list<field> details = {}) { write(level::error, what, details); }

}  // namespace music::log
