#include "input_buffer.hpp"

#include <cstring>

namespace music::http {

block_pool::block block_pool::take() {
  if (free_.empty()) return block{new char[block_size]};
  auto kept = std::move(free_.back());
  free_.pop_back();
  return kept;
}

void block_pool::give_back(block used) {
  if (used && free_.size() < most_kept) free_.push_back(std::move(used));
}

input_buffer::~input_buffer() { pool_.give_back(std::move(block_)); }

boost::asio::mutable_buffer input_buffer::prepare() {
  if (end_ == capacity() && begin_ > 0) {
    std::memmove(storage(), storage() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity() && !block_) grow();
  return {storage() + end_, capacity() - end_};
}

void input_buffer::grow() {
  auto larger = pool_.take();
  std::memcpy(larger.get(), small_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  block_ = std::move(larger);
}

void input_buffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  pool_.give_back(std::move(block_));
  block_.reset();
}

void input_buffer::erase(std::size_t offset, std::size_t count) noexcept {
  char* const at = storage() + begin_ + offset;
  std::memmove(at, at + count, end_ - begin_ - offset - count);
  end_ -= count;
}

}  // namespace music::http
