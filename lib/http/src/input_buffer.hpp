#pragma once

/// Where a connection's unread bytes are, and the shared store of large buffers.

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace music::http {

/// The most that a header may take; the room behind it holds the beginning of the body or of the next request.
inline constexpr std::size_t header_limit = 16 * 1024;
inline constexpr std::size_t block_size = header_limit + 4 * 1024;

/// Keeps a few blocks for connections whose request does not fit their small buffer. One for each shard; not thread-safe.
class block_pool {
 public:
  using block = std::unique_ptr<char[]>;

  [[nodiscard]] block take();
  void give_back(block used);

 private:
  static constexpr std::size_t most_kept = 64;
  std::vector<block> free_;
};

/// The unread bytes of one connection. Small requests live in the object itself, so that an idle connection costs its 512
/// bytes and nothing more; longer ones borrow a block until they are answered. Owned by a session.
class input_buffer {
 public:
  explicit input_buffer(block_pool& pool) noexcept : pool_(pool) {}
  ~input_buffer();
  input_buffer(const input_buffer&) = delete;
  input_buffer& operator=(const input_buffer&) = delete;

  /// Valid until `prepare`, `consume` or `erase`.
  [[nodiscard]] std::string_view data() const noexcept { return {storage() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// Room for the next read; empty when the buffer is full. May move what is there.
  [[nodiscard]] boost::asio::mutable_buffer prepare();
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Drops bytes from the front; once nothing is left, a borrowed block goes back.
  void consume(std::size_t count);

  /// Drops `count` bytes at `offset` from the front.
  void erase(std::size_t offset, std::size_t count) noexcept;

 private:
  static constexpr std::size_t small_size = 512;

  [[nodiscard]] char* storage() noexcept { return block_ ? block_.get() : small_.data(); }
  [[nodiscard]] const char* storage() const noexcept { return block_ ? block_.get() : small_.data(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return block_ ? block_size : small_size; }
  void grow();

  block_pool& pool_;
  block_pool::block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, small_size> small_;
};

}  // namespace music::http
