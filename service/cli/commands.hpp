#pragma once

/// The command line: serve, generate, check-config.

#include "../app.hpp"
#include "../shutdown.hpp"

#include <string>
#include <vector>

namespace music::service {

/// Exit codes of the program (contract, section 1).
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// Drains the service and gives `code`. What does not come to rest in time is not waited for: then it does not return.
[[nodiscard]] int end_service(app& service, int code);

/// Runs what the arguments (without the program's name) ask for and gives the exit code.
[[nodiscard]] int run_command(const std::vector<std::string>& arguments, termination_signals& signals);

}  // namespace music::service
