#include <music/webhooks/signer.hpp>

#include <music/base/base64.hpp>
#include <music/base/hash.hpp>

namespace music::webhooks {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t shortest_key = 24;  // Standard Webhooks 1.0.0, "Signature scheme"
constexpr std::size_t longest_key = 64;

}  // namespace

result<signer> signer::create(std::span<const secret> secrets) {
  signer made;
  for (const auto& text : secrets) {
    const bool prefixed = text.reveal().starts_with(prefix);
    auto key = prefixed ? parse_base64(text.reveal().substr(prefix.size())) : std::nullopt;
    if (!key || key->size() < shortest_key || key->size() > longest_key) {
      return error{errc::invalid_argument, "whsec_ and the base64 of 24 to 64 random bytes"};
    }
    made.keys_.emplace_back(std::move(*key));
  }
  return made;
}

std::string signer::sign(std::string_view id, std::string_view seconds, std::string_view body) const {
  std::string content;
  content.reserve(id.size() + seconds.size() + body.size() + 2);
  content.append(id).append(".").append(seconds).append(".").append(body);
  std::string signatures;
  for (const auto& key : keys_) {
    const auto digest = hmac_sha256(key.reveal(), content);
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return signatures;
}

}  // namespace music::webhooks
