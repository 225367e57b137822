#pragma once

/// SHA-256, for names of audio files, fingerprints of requests, comparing secrets and signing webhooks.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace music {

using sha256_digest = std::array<std::uint8_t, 32>;

/// Incremental SHA-256 (FIPS 180-4). Not thread-safe; `finish` ends its use.
class sha256 {
 public:
  sha256();
  ~sha256();
  sha256(sha256&&) noexcept;
  sha256& operator=(sha256&&) noexcept;

  void update(std::string_view bytes);
  [[nodiscard]] sha256_digest finish();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

[[nodiscard]] sha256_digest sha256_of(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104).
[[nodiscard]] sha256_digest hmac_sha256(std::string_view key, std::string_view bytes);

/// Lower-case hexadecimal, two characters a byte.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

/// Takes the same time wherever the first difference is.
[[nodiscard]] bool equal_in_constant_time(const sha256_digest& a, const sha256_digest& b) noexcept;

}  // namespace music
