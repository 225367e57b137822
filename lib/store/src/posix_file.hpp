#pragma once

/// The few file calls that the stores make, with names for what they mean.

#include <music/base/error.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace music::posix {

/// Owns a file descriptor.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  ~descriptor() { close(); }
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  void close() noexcept;
  int fd_ = -1;
};

/// `store_unavailable` with what was tried and what errno says.
[[nodiscard]] error failed(std::string_view what, int number);

/// Makes a directory that only we may enter (its parents as usual), or narrows the mode of one that is ours; then opens it.
[[nodiscard]] result<descriptor> open_private_directory(const std::filesystem::path& path);

/// The same for a directory inside an open one.
[[nodiscard]] result<descriptor> open_private_directory_at(const descriptor& parent, const std::string& name);

/// Makes the names in a directory durable.
[[nodiscard]] result<void> sync(const descriptor& file, std::string_view what);

/// Writes everything, however many calls it takes.
[[nodiscard]] result<void> write_all(const descriptor& file, std::string_view bytes);

/// Reads up to `count` bytes at `offset`; fewer only at the end.
[[nodiscard]] result<std::string> read_at(const descriptor& file, std::uint64_t offset, std::size_t count);

}  // namespace music::posix
