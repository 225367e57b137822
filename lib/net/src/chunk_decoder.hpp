#pragma once

/// The chunked transfer coding (RFC 9112, 7.1), decoded strictly and in bounded memory.
///
/// Beast's own decoder is not used: in 1.81 chunk extensions and trailers have no size limit, trailers end up among the
/// headers, one trailer of 64 KiB throws out of the event loop, and a last chunk in three packets runs into an assertion.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace music::net {

class chunk_decoder {
 public:
  enum class status : std::uint8_t { more, done, malformed, too_big };

  /// `max_body` bounds the decoded bytes of the whole body.
  explicit chunk_decoder(std::size_t max_body) noexcept : room_(max_body) {}

  /// Consumes from the front of `input` and appends what it decodes to `body`. After `done` the rest of `input` belongs to
  /// whatever follows the message. Extensions are skipped and trailers dropped, 8 KiB of them at most.
  [[nodiscard]] status feed(std::string_view& input, std::string& body);

 private:
  enum class state : std::uint8_t {
    size,
    extension,
    size_end,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer,
    trailer_end,
    last_end
  };

  [[nodiscard]] status step(char c);
  [[nodiscard]] status in_size(char c);
  [[nodiscard]] status size_line_ends();

  state state_ = state::size;
  std::size_t room_;
  std::uint64_t remaining_ = 0;  ///< of the chunk whose size or data is being read
  unsigned digits_ = 0;
  std::size_t overhead_ = 0;     ///< bytes of extensions and trailers so far
};

}  // namespace music::net
