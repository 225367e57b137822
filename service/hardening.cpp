#include "hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace music::service {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MUSIC_SANITIZED 1
#endif
#endif

void protect_process() {
#ifndef MUSIC_SANITIZED
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace music::service
