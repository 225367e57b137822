#pragma once

/// `openclaw-music generate`: asks a service for a song and saves it.

#include "../config.hpp"
#include "../shutdown.hpp"

#include <string>

namespace music::service {

struct generate_options {
  std::string theme;
  std::string tags;
  std::string output;  ///< file to write; empty: a name made from the title, in the working directory
  std::string server;  ///< a running service; empty: one is started inside this process, on a free port
  bool json = false;   ///< stdout gets the finished job on one line and nothing else
};

/// Gives the exit code. Progress goes to stderr: a bar on a terminal, a line for each stage elsewhere. With `server` and
/// API_KEYS, the first key is used.
[[nodiscard]] int run_generate(const generate_options& options, config settings, termination_signals& signals);

}  // namespace music::service
