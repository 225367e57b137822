#pragma once

/// When and how often a skill tries again.

#include <music/async/backoff.hpp>
#include <music/base/error.hpp>

namespace music {

/// "At most 4 times in all, with backoff and Retry-After" (contract, section 7).
struct retry_policy {
  int most_tries = 4;
  backoff wait{};
};

/// Whether doing the same again may help. Nothing here says that it is safe: for a paid submission the fate decides that.
[[nodiscard]] inline bool may_pass(const error& failure) noexcept {
  switch (failure.code) {
    case errc::rate_limit:
    case errc::timeout:
    case errc::request_error:
    case errc::openai_api: return true;
    default: return failure.transient;
  }
}

}  // namespace music
