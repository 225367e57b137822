#include "log_capture.hpp"

namespace music::test {

log_capture::log_capture(log::format format) {
  log::start({log::level::debug, format, [this](std::string_view line) {
                const std::lock_guard lock{mutex_};
                lines_.emplace_back(line);
              }});
}

log_capture::~log_capture() { log::stop(); }

std::vector<std::string> log_capture::lines() {
  log::stop();
  const std::lock_guard lock{mutex_};
  return lines_;
}

std::string log_capture::text() {
  std::string all;
  for (const auto& line : lines()) all += line + '\n';
  return all;
}

}  // namespace music::test
