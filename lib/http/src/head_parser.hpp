#pragma once

/// Beast's parser, driven by hand and only as far as a request's header.
///
/// What follows the header is framed by `request_reader` and `chunked_decoder`: Beast 1.81 merges trailers into the
/// header, buffers chunk extensions without limit and has an assertion that three packets can reach (security.md F1-F6).

#include "problem.hpp"
#include "request_head.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace music::http {

inline constexpr unsigned most_fields = 64;

/// Parses one header; make a new one for the next. Bytes are given again from the header's first byte each time, so that
/// positions stay true when the buffer moves.
class head_parser final : private boost::beast::http::basic_parser<true> {
 public:
  head_parser();

  enum class progress : std::uint8_t { need_more, done, refused };

  /// `bytes` begins with the header's first byte. Counts them itself: Beast's own limit can be stepped around.
  [[nodiscard]] progress feed(std::string_view bytes);

  [[nodiscard]] request_head& head() noexcept { return head_; }
  [[nodiscard]] const request_head& head() const noexcept { return head_; }

  /// Length of the header in bytes; valid once done.
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

  /// Why, after `refused`.
  [[nodiscard]] problem refusal() const noexcept { return refusal_; }

 private:
  using beast_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  [[nodiscard]] progress refuse(problem why) noexcept;
  [[nodiscard]] progress finish();
  void fail(problem why, error_code& ec);

  void on_request_impl(boost::beast::http::verb verb, beast_view name, beast_view target, int version, error_code& ec) override;
  void on_response_impl(int, beast_view, int, error_code& ec) override { ec = {}; }
  void on_field_impl(boost::beast::http::field name, beast_view text, beast_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) override { ec = {}; }
  std::size_t on_body_impl(beast_view, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t, beast_view, error_code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view, error_code& ec) override;
  void on_finish_impl(error_code& ec) override { ec = {}; }

  request_head head_;
  std::string_view bytes_;
  std::size_t used_ = 0;
  unsigned fields_ = 0;
  problem refusal_ = problem::invalid_header;
};

}  // namespace music::http
