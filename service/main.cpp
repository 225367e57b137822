#include "cli/commands.hpp"
#include "hardening.hpp"
#include "shutdown.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    music::service::protect_process();
    music::service::termination_signals signals;
    return music::service::run_command({argv + 1, argv + argc}, signals);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "openclaw-music: %s\n", failure.what());
    return 1;
  }
}
