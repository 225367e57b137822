#include "response_parser.hpp"

#include <music/base/text.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <charconv>

namespace music::net {
namespace {

namespace beast = boost::beast;

constexpr int max_interim = 8;
constexpr std::string_view version_prefix = "HTTP/1.1 ";
constexpr std::string_view old_version_prefix = "HTTP/1.0 ";
constexpr std::string_view block_end = "\r\n\r\n";
constexpr std::size_t wire_slack = 64 * 1024;  // chunk sizes, extensions and trailers on top of twice the body

/// Collects a header block. Only the header goes through Beast, so the callbacks for bodies are never called.
class head_reader final : public beast::http::basic_parser<false> {
 public:
  explicit head_reader(http_response& into) : into_(into) {}

 private:
  using string_view = beast::string_view;
  using error_code = beast::error_code;

  void on_response_impl(int code, string_view, int, error_code&) override { into_.status = code; }
  void on_field_impl(beast::http::field, string_view name, string_view value, error_code&) override {
    into_.headers.push_back({std::string(name), std::string(value)});
  }
  void on_request_impl(beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  http_response& into_;
};

/// A line feed must follow a carriage return, and no line may continue on the next (obs-fold, which Beast would merge).
bool well_formed_lines(std::string_view block) {
  for (auto at = block.find('\n'); at != std::string_view::npos; at = block.find('\n', at + 1)) {
    if (at == 0 || block[at - 1] != '\r') return false;
    if (at + 1 < block.size() && (block[at + 1] == ' ' || block[at + 1] == '\t')) return false;
  }
  return true;
}

std::optional<std::size_t> parse_length(std::string_view text) {
  std::size_t length = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, length);
  if (ec != std::errc{} || stop != end) return std::nullopt;
  return length;
}

}  // namespace

response_parser::status response_parser::feed(std::string_view bytes) {
  wire_bytes_ += bytes.size();
  auto input = bytes;
  while (!input.empty() && phase_ == phase::head) {
    const auto came_to = feed_head(input);
    if (came_to == status::failed) return came_to;
  }
  if (phase_ == phase::head) return status::more;
  if (limits_.status_only) return settle_for_status(input);
  if (wire_bytes_ > limits_.max_header_bytes + 2 * max_body() + wire_slack)
    return fail("more bytes than any honest answer needs");
  const auto came_to = feed_body(input);
  if (came_to != status::done) return came_to;
  phase_ = phase::complete;
  if (!input.empty()) reusable_ = false;  // an answer that nobody asked for: never the next request's
  return status::done;
}

response_parser::status response_parser::fail(const char* why) {
  failure_ = error{errc::invalid_response, why};
  reusable_ = false;
  return status::failed;
}

response_parser::status response_parser::feed_head(std::string_view& input) {
  const auto searched = block_.size() < block_end.size() ? 0 : block_.size() - block_end.size() + 1;
  const auto room = limits_.max_header_bytes - header_bytes_;
  const auto taken = std::min(room - block_.size(), input.size());
  const auto before = block_.size();
  block_.append(input.substr(0, taken));
  const auto end = block_.find(block_end, searched);
  if (end == std::string::npos) {
    input.remove_prefix(taken);
    if (!well_formed_lines(block_)) return fail("malformed header lines");
    if (!known_version(block_)) return fail("not HTTP/1.1");
    return block_.size() < room ? status::more : fail("more header bytes than allowed");
  }
  block_.resize(end + block_end.size());
  input.remove_prefix(block_.size() - before);
  return finish_head();
}

response_parser::status response_parser::finish_head() {
  header_bytes_ += block_.size();
  if (block_.size() < version_prefix.size() || !known_version(block_)) return fail("not HTTP/1.1");
  const bool old = block_.starts_with(old_version_prefix);
  if (!well_formed_lines(block_)) return fail("malformed header lines");
  if (!parse_block()) return fail("malformed status line or header");
  block_.clear();
  if (response_.status < 100 || response_.status > 599) return fail("a status outside 100-599");
  if (response_.status < 200) return skip_interim();
  if (old) reusable_ = false;
  const auto judged = judge_framing();
  // Whatever is wrong with the body is no concern of who does not want it; the connection is not used again.
  return judged == status::failed && limits_.status_only ? begin_body(0) : judged;
}

/// Whether the bytes so far begin as an answer does.
bool response_parser::known_version(std::string_view beginning) const noexcept {
  const auto prefix = beginning.substr(0, version_prefix.size());
  return version_prefix.starts_with(prefix) || (limits_.status_only && old_version_prefix.starts_with(prefix));
}

/// A small body is mostly there with its header, and then the connection can carry another exchange.
response_parser::status response_parser::settle_for_status(std::string_view input) {
  if (feed_body(input) != status::done || !input.empty()) reusable_ = false;
  response_.body.clear();
  phase_ = phase::complete;
  return status::done;
}

bool response_parser::parse_block() {
  response_ = {};
  head_reader reader(response_);
  reader.header_limit(static_cast<std::uint32_t>(block_.size() + 1));
  reader.body_limit(boost::none);
  beast::error_code ec;
  const auto used = reader.put(boost::asio::const_buffer(block_.data(), block_.size()), ec);
  return !ec && reader.is_header_done() && used == block_.size();
}

response_parser::status response_parser::skip_interim() {
  if (response_.status == 101) return fail("a protocol switch that nobody asked for");
  if (++interim_ > max_interim) return fail("too many interim answers");
  return status::more;
}

response_parser::status response_parser::judge_framing() {
  const auto encoding = response_.header("content-encoding");
  if (response_.count("content-encoding") > 1) return fail("several content encodings");
  if (encoding && !encoding->empty() && !equal_ignoring_case(*encoding, "identity"))
    return fail("a content encoding not asked for");
  const auto lengths = response_.count("content-length");
  const auto codings = response_.count("transfer-encoding");
  if (lengths + codings > 1) return fail("ambiguous framing");
  if (codings == 1 && !equal_ignoring_case(*response_.header("transfer-encoding"), "chunked"))
    return fail("an unknown transfer coding");
  const auto length = lengths == 1 ? parse_length(*response_.header("content-length")) : std::optional<std::size_t>{};
  if (lengths == 1 && !length) return fail("malformed Content-Length");
  if (says_close()) reusable_ = false;
  const bool bodiless = response_.status == 204 || response_.status == 304;
  if (!body_expected_ || bodiless) {
    // A length here announces no bytes, but peers get it wrong: such a connection is not used again.
    if (bodiless && (codings == 1 || length.value_or(0) != 0)) reusable_ = false;
    return begin_body(0);
  }
  if (lengths + codings == 0) return fail("a body without length");
  return begin_body(length);
}

response_parser::status response_parser::begin_body(std::optional<std::size_t> length) {
  if (!length) {
    chunks_.emplace(max_body());
    phase_ = phase::chunked_body;
    return status::more;
  }
  if (*length > max_body()) return fail("a body larger than allowed");
  remaining_ = *length;
  phase_ = phase::length_body;
  return status::more;
}

response_parser::status response_parser::feed_body(std::string_view& input) {
  if (phase_ == phase::chunked_body) {
    switch (chunks_->feed(input, response_.body)) {
      case chunk_decoder::status::more: return status::more;
      case chunk_decoder::status::done: return status::done;
      case chunk_decoder::status::malformed: return fail("malformed chunked body");
      case chunk_decoder::status::too_big: return fail("a body larger than allowed");
    }
  }
  const auto taken = std::min(remaining_, input.size());
  response_.body.append(input.substr(0, taken));
  input.remove_prefix(taken);
  remaining_ -= taken;
  return remaining_ == 0 ? status::done : status::more;
}

bool response_parser::says_close() const {
  return std::ranges::any_of(response_.headers, [](const http_header& header) {
    if (!equal_ignoring_case(header.name, "connection")) return false;
    std::string_view rest = header.value;
    for (;;) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trim(rest.substr(0, comma)), "close")) return true;
      if (comma == std::string_view::npos) return false;
      rest.remove_prefix(comma + 1);
    }
  });
}

std::size_t response_parser::max_body() const noexcept {
  const bool success = response_.status >= 200 && response_.status < 300;
  return success ? limits_.max_body_bytes : limits_.max_other_body_bytes;
}

}  // namespace music::net
