#pragma once

/// Who asks: the bearer secret against the configured keys.

#include <music/core/job_service.hpp>
#include <music/http/server.hpp>

#include <string_view>
#include <vector>

namespace music::http {

/// Immutable after construction; thread-safe.
class authenticator {
 public:
  explicit authenticator(const std::vector<api_key>& keys);

  /// The caller behind an Authorization value, or null. Without configured keys everybody is the caller without a name.
  /// Compares digests, each in constant time and all of them, so that neither the bytes of a secret nor its place in the
  /// list shows in the time taken. The result lives as long as the authenticator.
  [[nodiscard]] const caller* identify(std::string_view authorization) const;

 private:
  struct entry {
    caller who;
    sha256_digest digest{};
  };
  std::vector<entry> entries_;
  caller anybody_;
};

}  // namespace music::http
