#pragma once

/// Signals to an orderly end.

namespace music::service {

/// SIGTERM and SIGINT, taken out of the way of every thread. Make it first thing in main, before any thread exists.
class termination_signals {
 public:
  termination_signals();

  /// Blocks until the first of them comes; gives its number.
  int wait();

  /// From now on the next one ends the process at once, with status 130. For whoever does not want to wait for the drain.
  static void end_at_next();
};

}  // namespace music::service
