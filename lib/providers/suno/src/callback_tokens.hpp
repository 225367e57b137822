#pragma once

/// The secret part of a callback's address.

#include <music/base/ids.hpp>
#include <music/base/secret.hpp>

#include <string>
#include <string_view>

namespace music::suno {

/// A token is made from the job's id and the gateway's API key, so it survives a restart without being stored anywhere, and
/// tells neither. Its second half authenticates its first: 128 bits each, in hexadecimal. Immutable and thread-safe.
class callback_tokens {
 public:
  explicit callback_tokens(secret key) : key_(std::move(key)) {}

  [[nodiscard]] std::string token_for(const job_id& job) const;

  /// Whether it is one of ours, for whichever job.
  [[nodiscard]] bool genuine(std::string_view token) const;

 private:
  [[nodiscard]] std::string half(std::string_view purpose, std::string_view of) const;

  secret key_;
};

}  // namespace music::suno
