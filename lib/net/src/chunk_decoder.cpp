#include "chunk_decoder.hpp"

#include <algorithm>

namespace music::net {
namespace {

constexpr std::size_t max_overhead = 8 * 1024;
constexpr unsigned max_digits = 15;  // 60 bits: no overflow, and no honest chunk comes near

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) noexcept { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

}  // namespace

chunk_decoder::status chunk_decoder::feed(std::string_view& input, std::string& body) {
  while (!input.empty()) {
    if (state_ == state::data) {
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
      body.append(input.substr(0, taken));
      input.remove_prefix(taken);
      remaining_ -= taken;
      if (remaining_ == 0) state_ = state::data_cr;
      continue;
    }
    const char c = input.front();
    input.remove_prefix(1);
    const auto came_to = step(c);
    if (came_to != status::more) return came_to;
  }
  return status::more;
}

chunk_decoder::status chunk_decoder::step(char c) {
  const auto expect = [this, c](char wanted, state next) {
    state_ = next;
    return c == wanted ? status::more : status::malformed;
  };
  switch (state_) {
    case state::size: return in_size(c);
    case state::extension:
    case state::trailer:
      if (c == '\r') {
        state_ = state_ == state::extension ? state::size_end : state::trailer_end;
        return status::more;
      }
      return is_text(c) && ++overhead_ <= max_overhead ? status::more : status::malformed;
    case state::size_end: return c == '\n' ? size_line_ends() : status::malformed;
    case state::data_cr: return expect('\r', state::data_lf);
    case state::data_lf: return expect('\n', state::size);
    case state::trailer_start:
      state_ = c == '\r' ? state::last_end : state::trailer;
      return c == '\r' || is_text(c) ? status::more : status::malformed;
    case state::trailer_end: return expect('\n', state::trailer_start);
    case state::last_end: return c == '\n' ? status::done : status::malformed;
    case state::data: break;  // handled in bulk by feed
  }
  return status::malformed;
}

chunk_decoder::status chunk_decoder::in_size(char c) {
  if (const int value = hex_value(c); value >= 0) {
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(value);
    return ++digits_ <= max_digits ? status::more : status::malformed;
  }
  if (digits_ == 0) return status::malformed;
  if (c == '\r') state_ = state::size_end;
  if (c == ';' || c == ' ' || c == '\t') state_ = state::extension;
  return state_ == state::size ? status::malformed : status::more;
}

chunk_decoder::status chunk_decoder::size_line_ends() {
  digits_ = 0;
  if (remaining_ == 0) {
    state_ = state::trailer_start;
    return status::more;
  }
  if (remaining_ > room_) return status::too_big;
  room_ -= static_cast<std::size_t>(remaining_);
  state_ = state::data;
  return status::more;
}

}  // namespace music::net
