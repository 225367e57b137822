#pragma once

/// One connection's requests, cut out of its bytes one after the other. Sans-IO: the session feeds it and a test can.

#include "chunked_decoder.hpp"
#include "head_parser.hpp"
#include "input_buffer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace music::http {

inline constexpr std::size_t body_limit = 64 * 1024;
inline constexpr std::size_t batch_body_limit = 1024 * 1024;  ///< ten KiB for each request of a full batch

/// Call `advance` whenever bytes were added; call `next` when the request has been answered. Owned by a session.
class request_reader {
 public:
  enum class progress : std::uint8_t {
    need_more,  ///< read and call again
    head_done,  ///< the header is valid: decide whether the body is wanted, then call again
    complete,   ///< header and body are there
    refused,    ///< not a request that can be understood, or too large: answer `refusal()` and close
  };

  request_reader() { parser_.emplace(); }

  [[nodiscard]] progress advance(input_buffer& in);

  /// How many bytes the body of this request may have instead of `body_limit`. Call it at `head_done`, for a client that is
  /// known to be let in: what others send is kept too, until it has come to its end.
  void allow_body(std::size_t most) noexcept { most_body_ = most; }

  /// Forgets the request that is complete and begins with the next.
  void next(input_buffer& in);

  /// Valid from `head_done` until `next`, as long as `in` is not touched.
  [[nodiscard]] const request_head& head() const noexcept { return parser_->head(); }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }

  [[nodiscard]] problem refusal() const noexcept { return refusal_; }

  /// Whether the header is there and the body is not.
  [[nodiscard]] bool in_body() const noexcept { return stage_ == stage::body || stage_ == stage::body_to_begin; }
  [[nodiscard]] bool complete() const noexcept { return stage_ == stage::complete; }

 private:
  enum class stage : std::uint8_t { head, body_to_begin, body, complete };

  [[nodiscard]] progress read_head(input_buffer& in);
  [[nodiscard]] bool begin_body();
  [[nodiscard]] progress read_body(input_buffer& in);
  [[nodiscard]] progress read_chunks(input_buffer& in);
  [[nodiscard]] progress refuse(problem why) noexcept;

  std::optional<head_parser> parser_;
  std::optional<chunked_decoder> chunks_;
  std::string body_;
  std::size_t body_left_ = 0;
  std::size_t most_body_ = body_limit;
  stage stage_ = stage::head;
  problem refusal_ = problem::invalid_header;
};

}  // namespace music::http
