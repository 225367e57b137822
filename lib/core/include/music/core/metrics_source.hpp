#pragma once

#include <string>

namespace music {

/// Port: where the numbers of GET /metrics come from. Thread-safe; never blocks.
class metrics_source {
 public:
  virtual ~metrics_source() = default;

  /// Appends whole metrics in Prometheus' text format. Nothing in them may tell of a caller, a theme or a key.
  virtual void append(std::string& out) const = 0;
};

}  // namespace music
