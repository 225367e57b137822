#pragma once

/// The composition root: the only place that knows every concrete class.

#include "config.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace music::service {

/// Why the service cannot start; one line for the operator.
struct start_error {
  std::string message;
};

/// The whole service in one process. Create it, let it run on its own threads, drain it. Used from one thread; its work
/// happens on its shards.
class app {
 public:
  virtual ~app() = default;

  /// Where it listens, e.g. "http://127.0.0.1:8080", with the real port.
  [[nodiscard]] virtual const std::string& listening_at() const noexcept = 0;

  /// Stops accepting, answers what is in flight, lets submissions finish, leaves every job at its last checkpoint and ends
  /// the threads; takes at most about nine seconds. Call it once. True if everything came to rest in time.
  virtual bool drain() = 0;
};

/// Opens the stores, wires every part, brings back interrupted jobs and begins to accept. Blocks until clients are let in.
[[nodiscard]] std::variant<std::unique_ptr<app>, start_error> start_app(config settings);

}  // namespace music::service
