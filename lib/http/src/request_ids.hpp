#pragma once

/// Names for requests whose client gave none.

#include <music/base/ids.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace music::http {

/// 26 characters: 16 of randomness that are the shard's own, then a count in Crockford's base 32. Unique, not secret; three
/// calls of getrandom(2) for each request would cost more than parsing it. One for each shard; not thread-safe.
class request_ids {
 public:
  static constexpr std::size_t length = 26;
  using text = std::array<char, length>;

  explicit request_ids(random_source& random) : prefix_(make_request_id(random)) {}

  void next(text& into) noexcept {
    static constexpr char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    for (std::size_t i = 0; i < random_part; ++i) into[i] = prefix_[i];
    auto rest = ++count_;
    for (std::size_t i = length; i-- > random_part; rest >>= 5) into[i] = digits[rest & 31];
  }

 private:
  static constexpr std::size_t random_part = 16;
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace music::http
