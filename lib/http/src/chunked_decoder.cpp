#include "chunked_decoder.hpp"

#include <algorithm>

namespace music::http {
namespace {

constexpr unsigned most_size_digits = 16;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) noexcept { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

chunked_decoder::progress chunked_decoder::decode(std::string_view wire, std::size_t& used, std::string& body) {
  used = 0;
  while (used < wire.size()) {
    if (state_ == state::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, wire.size() - used));
      body.append(wire, used, count);
      used += count;
      chunk_left_ -= count;
      if (chunk_left_ == 0) state_ = state::data_cr;
      continue;
    }
    if (overhead_left_-- == 0) return progress::too_large;
    const auto step = take(wire[used++]);
    if (step != progress::need_more) return step;
  }
  return progress::need_more;
}

chunked_decoder::progress chunked_decoder::take(char c) {
  switch (state_) {
    case state::size: return take_size(c);
    case state::extension: return take_text(c, state::size_lf);
    case state::size_lf: return c == '\n' ? size_known() : progress::malformed;
    case state::data: return progress::malformed;
    case state::data_cr: return expect(c, '\r', state::data_lf);
    case state::data_lf: return expect(c, '\n', state::size);
    case state::trailer_start:
      if (c == '\r') return expect(c, '\r', state::final_lf);
      state_ = state::trailer;
      return take_text(c, state::trailer_lf);
    case state::trailer: return take_text(c, state::trailer_lf);
    case state::trailer_lf: return expect(c, '\n', state::trailer_start);
    case state::final_lf: return c == '\n' ? progress::done : progress::malformed;
  }
  return progress::malformed;
}

chunked_decoder::progress chunked_decoder::take_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    if (++digits_ > most_size_digits) return progress::malformed;
    chunk_left_ = chunk_left_ * 16 + static_cast<unsigned>(digit);
    return progress::need_more;
  }
  if (digits_ == 0) return progress::malformed;
  if (c == ';') {
    state_ = state::extension;
    return progress::need_more;
  }
  return expect(c, '\r', state::size_lf);
}

chunked_decoder::progress chunked_decoder::take_text(char c, state at_end) {
  if (c == '\r') {
    state_ = at_end;
    return progress::need_more;
  }
  return is_text(c) ? progress::need_more : progress::malformed;
}

chunked_decoder::progress chunked_decoder::expect(char c, char wanted, state then) {
  if (c != wanted) return progress::malformed;
  state_ = then;
  return progress::need_more;
}

chunked_decoder::progress chunked_decoder::size_known() {
  digits_ = 0;
  if (chunk_left_ == 0) {
    state_ = state::trailer_start;
    return progress::need_more;
  }
  if (chunk_left_ > data_left_) return progress::too_large;
  data_left_ -= static_cast<std::size_t>(chunk_left_);
  state_ = state::data;
  return progress::need_more;
}

}  // namespace music::http
