#include "callback_tokens.hpp"

#include <music/base/hash.hpp>

namespace music::suno {
namespace {

constexpr std::size_t half_digits = 32;
constexpr std::string_view name_purpose = "suno callback name:";
constexpr std::string_view proof_purpose = "suno callback proof:";

}  // namespace

std::string callback_tokens::token_for(const job_id& job) const {
  auto name = half(name_purpose, job.text());
  return name + half(proof_purpose, name);
}

bool callback_tokens::genuine(std::string_view token) const {
  if (token.size() != 2 * half_digits) return false;
  const auto expected = half(proof_purpose, token.substr(0, half_digits));
  return equal_in_constant_time(sha256_of(expected), sha256_of(token.substr(half_digits)));
}

std::string callback_tokens::half(std::string_view purpose, std::string_view of) const {
  std::string message{purpose};
  message += of;
  return to_hex(hmac_sha256(key_.reveal(), message)).substr(0, half_digits);
}

}  // namespace music::suno
