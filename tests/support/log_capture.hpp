#pragma once

/// Reads what the service logs.

#include <music/base/log.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace music::test {

/// Starts the log into memory at DEBUG and stops it when it goes. One at a time.
class log_capture {
 public:
  explicit log_capture(log::format format = log::format::text);
  ~log_capture();
  log_capture(const log_capture&) = delete;
  log_capture& operator=(const log_capture&) = delete;

  /// Stops the log, so that everything is written, and gives the lines. The capture is over then.
  [[nodiscard]] std::vector<std::string> lines();

  /// All lines in one text.
  [[nodiscard]] std::string text();

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace music::test
