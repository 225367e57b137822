#include "authenticator.hpp"

#include <music/base/text.hpp>

namespace music::http {

authenticator::authenticator(const std::vector<api_key>& keys) {
  entries_.reserve(keys.size());
  for (const auto& key : keys) entries_.push_back({caller{key.name}, key.secret_digest});
}

const caller* authenticator::identify(std::string_view authorization) const {
  if (entries_.empty()) return &anybody_;
  constexpr std::string_view scheme = "bearer ";
  if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return nullptr;
  auto secret = authorization.substr(scheme.size());
  secret.remove_prefix(std::min(secret.find_first_not_of(' '), secret.size()));
  const auto given = sha256_of(secret);
  const caller* found = nullptr;
  for (const auto& known : entries_) {
    if (equal_in_constant_time(known.digest, given)) found = &known.who;
  }
  return found;
}

}  // namespace music::http
