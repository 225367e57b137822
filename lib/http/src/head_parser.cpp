#include "head_parser.hpp"

#include "input_buffer.hpp"

#include <music/base/text.hpp>

#include <boost/beast/http/error.hpp>

#include <functional>

namespace music::http {
namespace {

namespace beast_http = boost::beast::http;

method to_method(beast_http::verb verb) noexcept {
  switch (verb) {
    case beast_http::verb::get: return method::get;
    case beast_http::verb::head: return method::head;
    case beast_http::verb::post: return method::post;
    case beast_http::verb::delete_: return method::del;
    case beast_http::verb::options: return method::options;
    default: return method::other;
  }
}

std::optional<field> to_field(beast_http::field name, std::string_view text) noexcept {
  switch (name) {
    case beast_http::field::host: return field::host;
    case beast_http::field::authorization: return field::authorization;
    case beast_http::field::content_type: return field::content_type;
    case beast_http::field::content_encoding: return field::content_encoding;
    case beast_http::field::content_length: return field::content_length;
    case beast_http::field::transfer_encoding: return field::transfer_encoding;
    case beast_http::field::if_none_match: return field::if_none_match;
    case beast_http::field::if_range: return field::if_range;
    case beast_http::field::range: return field::range;
    case beast_http::field::prefer: return field::prefer;
    case beast_http::field::accept: return field::accept;
    case beast_http::field::expect: return field::expect;
    case beast_http::field::origin: return field::origin;
    default: break;
  }
  if (equal_ignoring_case(text, "idempotency-key")) return field::idempotency_key;
  if (equal_ignoring_case(text, "x-request-id")) return field::request_id;
  if (equal_ignoring_case(text, "last-event-id")) return field::last_event_id;
  if (equal_ignoring_case(text, "mcp-protocol-version")) return field::mcp_protocol_version;
  if (equal_ignoring_case(text, "mcp-method")) return field::mcp_method;
  if (equal_ignoring_case(text, "mcp-name")) return field::mcp_name;
  return std::nullopt;
}

/// A folded value (obs-fold, RFC 9112, 5.2) is put together in Beast's own memory.
bool inside(std::string_view whole, std::string_view part) noexcept {
  const std::less_equal<const char*> before;
  return part.empty() || (before(whole.data(), part.data()) && before(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace

head_parser::head_parser() {
  this->header_limit(static_cast<std::uint32_t>(2 * block_size));  // ours is checked in `feed`
  skip(true);
}

head_parser::progress head_parser::feed(std::string_view bytes) {
  head_.rebase(bytes.data());
  bytes_ = bytes;
  error_code ec;
  used_ += put(boost::asio::const_buffer{bytes.data() + used_, bytes.size() - used_}, ec);
  if (ec == beast_http::error::need_more) {
    if (bytes.size() < http::header_limit) return progress::need_more;
    return refuse(head_.target().empty() ? problem::uri_too_long : problem::header_too_large);
  }
  if (ec == beast_http::error::header_limit) return refuse(problem::header_too_large);
  if (ec) return refuse(refusal_);
  if (used_ > http::header_limit) return refuse(problem::header_too_large);
  return finish();
}

head_parser::progress head_parser::finish() {
  head_.keep_alive = keep_alive();
  if (const auto length = content_length()) head_.content_length = *length;
  return progress::done;
}

head_parser::progress head_parser::refuse(problem why) noexcept {
  refusal_ = why;
  return progress::refused;
}

void head_parser::fail(problem why, error_code& ec) {
  refusal_ = why;
  ec = beast_http::error::bad_value;
}

void head_parser::on_request_impl(beast_http::verb verb, beast_view, beast_view target, int version, error_code& ec) {
  ec = {};
  head_.verb = to_method(verb);
  head_.http_1_1 = version >= 11;
  head_.set_target({target.data(), target.size()});
}

void head_parser::on_field_impl(beast_http::field name, beast_view text, beast_view value, error_code& ec) {
  ec = {};
  const std::string_view content{value.data(), value.size()};
  if (!inside(bytes_, content)) return fail(problem::invalid_header, ec);
  if (++fields_ > most_fields) return fail(problem::header_too_large, ec);
  if (const auto known = to_field(name, {text.data(), text.size()})) head_.add(*known, content);
}

std::size_t head_parser::on_body_impl(beast_view, error_code& ec) {
  ec = {};
  return 0;
}

std::size_t head_parser::on_chunk_body_impl(std::uint64_t, beast_view, error_code& ec) {
  ec = {};
  return 0;
}

}  // namespace music::http
