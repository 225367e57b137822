#include <music/base/secret.hpp>

#include <openssl/crypto.h>

namespace music {

void secret::wipe() noexcept {
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

}  // namespace music
