#include "shutdown.hpp"

#include <unistd.h>
#include <csignal>
#include <thread>

namespace music::service {
namespace {

constexpr int status_after_second_signal = 130;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

int wait_for_signal() {
  const auto set = watched();
  int number = 0;
  sigwait(&set, &number);
  return number;
}

}  // namespace

termination_signals::termination_signals() {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a client that went away is an error code, not the end of the process
}

int termination_signals::wait() { return wait_for_signal(); }

void termination_signals::end_at_next() {
  std::thread{[] {
    wait_for_signal();
    _exit(status_after_second_signal);
  }}.detach();
}

}  // namespace music::service
