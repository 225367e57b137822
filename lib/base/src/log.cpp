#include <music/base/json_writer.hpp>
#include <music/base/log.hpp>
#include <music/base/redact.hpp>
#include <music/base/time.hpp>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <charconv>
#include <memory>
#include <mutex>
#include <thread>

namespace music::log {
namespace {

constexpr std::size_t queue_length = 8192;  // preallocated by spdlog: about 4 MB

/// Hands finished lines to a function; what a test reads.
class function_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit function_sink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override { take_({message.payload.data(), message.payload.size()}); }
  void flush_() override {}
  std::function<void(std::string_view)> take_;
};

/// Whoever lets go of it last waits for the writing thread: the pool is declared after the logger, so that it ends first
/// and the sink is freed only when that thread has.
struct running_log {
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  log::format format = log::format::text;
  std::atomic<std::size_t> reported_losses{0};
};

std::atomic<level> threshold{level::off};
std::mutex start_mutex;
std::atomic<std::shared_ptr<running_log>> current;

std::string_view level_name(level at) {
  switch (at) {
    case level::debug: return "DEBUG";
    case level::info: return "INFO";
    case level::warning: return "WARNING";
    case level::error: return "ERROR";
    case level::off: return "OFF";
  }
  return "INFO";
}

wall_time now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// The design document's details look like a Python dictionary; a quote inside would break out of it.
void append_quoted(std::string& line, std::string_view text) {
  line.push_back('\'');
  for (const char c : redact(text)) {
    if (c == '\'' || c == '\\') line.push_back('\\');
    line.push_back(c);
  }
  line.push_back('\'');
}

struct text_value {
  std::string& line;
  void operator()(std::int64_t number) const { line += std::to_string(number); }
  void operator()(bool flag) const { line += flag ? "True" : "False"; }
  void operator()(std::string_view text) const { append_quoted(line, text); }
  void operator()(double number) const {
    char digits[32];
    const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, number);
    line.append(digits, end);
  }
};

struct json_value {
  json_writer& json;
  void operator()(std::string_view text) const { json.value(redact(text)); }
  void operator()(auto plain) const { json.value(plain); }
};

std::string text_line(level at, const event& what, std::initializer_list<field> details) {
  std::string line = to_rfc3339(now());
  line.append(" - ").append(what.component).append(" - ").append(level_name(at));
  line.append(" - API: ").append(what.api).append(" | Operation: ").append(what.operation);
  line.append(" | Status: ").append(what.status).append(" | Details: {");
  bool first = true;
  for (const auto& detail : details) {
    if (!first) line += ", ";
    first = false;
    line.append("'").append(detail.key).append("': ");
    std::visit(text_value{line}, detail.value);
  }
  line.push_back('}');
  return line;
}

std::string json_line(level at, const event& what, std::initializer_list<field> details) {
  std::string line;
  json_writer json{line};
  json.begin_object().field("time", to_rfc3339(now())).field("level", level_name(at)).field("component", what.component);
  json.field("api", what.api).field("operation", what.operation).field("status", what.status).key("details").begin_object();
  for (const auto& detail : details) {
    json.key(detail.key);
    std::visit(json_value{json}, detail.value);
  }
  json.end_object().end_object();
  return line;
}

std::string make_line(const running_log& log, level at, const event& what, std::initializer_list<field> details) {
  return log.format == log::format::json ? json_line(at, what, details) : text_line(at, what, details);
}

void report_losses(running_log& log) {
  const std::size_t lost = log.pool->overrun_counter();
  const std::size_t reported = log.reported_losses.exchange(lost);
  if (lost <= reported) return;
  const event overrun{"log", "log", "write", "lines_lost"};
  log.logger->log(spdlog::level::warn, make_line(log, level::warning, overrun, {{"lost", lost - reported}}));
}

}  // namespace

void start(options chosen) {
  stop();
  const std::lock_guard lock{start_mutex};
  auto log = std::make_shared<running_log>();
  log->format = chosen.format;
  log->pool = std::make_shared<spdlog::details::thread_pool>(queue_length, 1);
  spdlog::sink_ptr sink;
  if (chosen.sink) {
    sink = std::make_shared<function_sink>(std::move(chosen.sink));
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  sink->set_pattern("%v");
  log->logger = std::make_shared<spdlog::async_logger>("music", sink, log->pool, spdlog::async_overflow_policy::overrun_oldest);
  log->logger->set_level(spdlog::level::trace);
  log->logger->flush_on(spdlog::level::warn);
  current.store(std::move(log));
  threshold.store(chosen.threshold);
}

void stop() {
  const std::lock_guard lock{start_mutex};
  threshold.store(level::off);
  auto log = current.exchange(nullptr);
  while (log && log.use_count() > 1) std::this_thread::yield();  // lines that are being handed over
}

bool enabled(level at) noexcept { return at >= threshold.load(std::memory_order_relaxed); }

void write(level at, const event& what, std::initializer_list<field> details) {
  if (!enabled(at)) return;
  const auto log = current.load();
  if (!log) return;
  log->logger->log(at >= level::warning ? spdlog::level::warn : spdlog::level::info, make_line(*log, at, what, details));
  report_losses(*log);
}

}  // namespace music::log
