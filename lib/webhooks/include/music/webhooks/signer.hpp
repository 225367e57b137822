#pragma once

/// Signatures of Standard Webhooks 1.0.0, so that a receiver knows who speaks.

#include <music/base/error.hpp>
#include <music/base/secret.hpp>
#include <music/base/time.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace music::webhooks {

/// Signs with HMAC-SHA-256 (`v1`). Several secrets give several signatures, so that a receiver may change to the next one
/// whenever it likes. Immutable once made; thread-safe.
class signer {
 public:
  /// No secrets: `ready` is false.
  signer() = default;

  /// Each secret is "whsec_" and the base64 of 24 to 64 bytes; the newest comes first. Error: `invalid_argument`, whose
  /// detail says what is accepted and nothing of the secret.
  [[nodiscard]] static result<signer> create(std::span<const secret> secrets);

  [[nodiscard]] bool ready() const noexcept { return !keys_.empty(); }

  /// The value of `webhook-signature` for these very bytes: "v1,<base64>" for each secret, separated by a space. `id` must
  /// not contain a dot. `seconds` is the value of `webhook-timestamp`.
  [[nodiscard]] std::string sign(std::string_view id, std::string_view seconds, std::string_view body) const;

 private:
  std::vector<secret> keys_;  ///< decoded
};

}  // namespace music::webhooks
