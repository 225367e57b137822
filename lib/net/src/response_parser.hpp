#pragma once

/// Bytes to one HTTP/1.1 response: no sockets, no waiting, bounded memory.

#include <music/net/http_client.hpp>

#include "chunk_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music::net {

struct parser_limits {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_other_body_bytes = 1024 * 1024;  ///< of answers that are not 2xx
  bool status_only = false;  ///< done with the last header; see `http_request::status_only`
};

/// Reads exactly one final response, skipping up to eight interim (1xx) ones. One for each exchange; not reusable.
///
/// The header block is gathered and counted here (Beast's own limit can be stepped around in 1.81), its grammar is left to
/// Beast's parser, its framing is judged here, and the body is decoded here. Accepted framings are one Content-Length of
/// digits, or one Transfer-Encoding that says `chunked` and nothing else; bodies that end with the connection are refused,
/// because their truncation cannot be seen.
class response_parser {
 public:
  enum class status : std::uint8_t { more, done, failed };

  /// `body_expected` is false for a HEAD request.
  explicit response_parser(parser_limits limits, bool body_expected = true) : limits_(limits), body_expected_(body_expected) {}

  /// Takes all of `bytes`. After `done` or `failed` it must not be called again.
  [[nodiscard]] status feed(std::string_view bytes);

  /// Why it failed: always `invalid_response`.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }

  /// Whether any byte of an answer has arrived.
  [[nodiscard]] bool started() const noexcept { return wire_bytes_ != 0; }

  /// Whether status and headers of the final response are in `response`.
  [[nodiscard]] bool head_done() const noexcept { return phase_ > phase::head; }

  /// The final response; its body holds what was decoded since the last `take_body`.
  [[nodiscard]] http_response& response() noexcept { return response_; }
  [[nodiscard]] std::string take_body() { return std::exchange(response_.body, {}); }

  /// After `done`: whether the connection may carry another exchange. False after anything out of the ordinary.
  [[nodiscard]] bool reusable() const noexcept { return reusable_; }

 private:
  enum class phase : std::uint8_t { head, length_body, chunked_body, complete };

  [[nodiscard]] status fail(const char* why);
  [[nodiscard]] status feed_head(std::string_view& input);
  [[nodiscard]] status finish_head();
  [[nodiscard]] status skip_interim();
  [[nodiscard]] status judge_framing();
  [[nodiscard]] status settle_for_status(std::string_view input);
  [[nodiscard]] bool known_version(std::string_view beginning) const noexcept;
  [[nodiscard]] status begin_body(std::optional<std::size_t> length);
  [[nodiscard]] status feed_body(std::string_view& input);
  [[nodiscard]] bool parse_block();
  [[nodiscard]] bool says_close() const;
  [[nodiscard]] std::size_t max_body() const noexcept;

  parser_limits limits_;
  bool body_expected_;
  phase phase_ = phase::head;
  std::string block_{};             ///< the header block so far
  std::size_t header_bytes_ = 0;    ///< of all header blocks
  std::size_t wire_bytes_ = 0;
  int interim_ = 0;
  std::size_t remaining_ = 0;       ///< body bytes to come, with Content-Length
  std::optional<chunk_decoder> chunks_{};
  bool reusable_ = true;
  http_response response_{};
  error failure_{};
};

}  // namespace music::net
