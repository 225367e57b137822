#pragma once

/// A value that must never be printed: API keys and the like.

#include <string>
#include <string_view>

namespace music {

/// Owns a secret and wipes it when it goes. Has no stream or format operator, so that logging it does not compile;
/// `reveal` is the one way to the bytes and easy to search for. Movable, not copyable. Thread-safe to read.
class secret {
 public:
  secret() = default;
  explicit secret(std::string value) : value_(std::move(value)) {}
  ~secret() { wipe(); }
  secret(secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::move(other.value_);
      other.wipe();
    }
    return *this;
  }
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;

  [[nodiscard]] std::string_view reveal() const noexcept { return value_; }
  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace music
