#pragma once

/// Transfer-Encoding: chunked (RFC 9112, 7.1), read strictly and within limits. Sans-IO.

#include <cstdint>
#include <string>
#include <string_view>

namespace music::http {

/// Decodes one body. Extensions and trailers are checked for their form and thrown away. Refused: bare CR or LF, control
/// characters, white space around the size, sizes of more than 16 digits. Not reusable.
class chunked_decoder {
 public:
  /// `body_limit` is for the data alone; sizes, extensions and trailers together may take `overhead_limit`, so that one-byte
  /// chunks with long extensions cannot make us read 45 times the body (security.md F6).
  explicit chunked_decoder(std::size_t body_limit, std::size_t overhead_limit = 8 * 1024) noexcept
      : data_left_(body_limit), overhead_left_(overhead_limit) {}

  enum class progress : std::uint8_t { need_more, done, malformed, too_large };

  /// Takes what it can from `wire` and appends data to `body`; `used` says how much it took. After anything but
  /// `need_more` it must not be called again.
  [[nodiscard]] progress decode(std::string_view wire, std::size_t& used, std::string& body);

 private:
  enum class state : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer,
    trailer_lf,
    final_lf
  };

  [[nodiscard]] progress take(char c);
  [[nodiscard]] progress take_size(char c);
  [[nodiscard]] progress take_text(char c, state at_end);
  [[nodiscard]] progress expect(char c, char wanted, state then);
  [[nodiscard]] progress size_known();

  state state_ = state::size;
  unsigned digits_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::size_t data_left_;
  std::size_t overhead_left_;
};

}  // namespace music::http
