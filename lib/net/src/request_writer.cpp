#include "request_writer.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <array>

namespace music::net {
namespace {

constexpr std::array<std::string_view, 11> reserved{
    "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent",
    "te",   "trailer",        "upgrade",           "expect",     "keep-alive"};

std::string_view name(http_method method) noexcept {
  switch (method) {
    case http_method::get: return "GET";
    case http_method::head: return "HEAD";
    case http_method::post: return "POST";
    case http_method::put: return "PUT";
    case http_method::del: return "DELETE";
  }
  return "GET";
}

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// RFC 9110, 5.5: visible bytes, spaces and tabs, but not at the ends.
bool is_value(std::string_view text) noexcept {
  const auto allowed = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); };
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (text.empty()) return true;
  return std::ranges::all_of(text, allowed) && !blank(text.front()) && !blank(text.back());
}

bool is_visible_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_reserved(std::string_view header) {
  return std::ranges::any_of(reserved, [&](std::string_view one) { return equal_ignoring_case(one, header); });
}

bool may_send(const http_header& header) { return is_token(header.name) && is_value(header.value) && !is_reserved(header.name); }

bool may_send(const url& address) {
  const bool hosted = !address.from.host.empty() && address.from.port != 0 && is_visible_ascii(address.from.host);
  return hosted && address.target.starts_with('/') && is_visible_ascii(address.target);
}

void add(std::string& wire, std::string_view header, std::string_view value) {
  wire.append(header).append(": ").append(value).append("\r\n");
}

}  // namespace

result<std::string> write_request(const http_request& request, std::string_view user_agent) {
  if (!may_send(request.address)) return error{errc::invalid_argument, "a URL that cannot be sent"};
  for (const auto& header : request.headers) {
    if (!may_send(header)) return error{errc::invalid_argument, "a header that cannot be sent"};
  }
  const bool carries_body = request.method == http_method::post || request.method == http_method::put || !request.body.empty();
  std::string wire;
  wire.reserve(256 + request.address.target.size() + request.body.size());
  wire.append(name(request.method)).append(" ").append(request.address.target).append(" HTTP/1.1\r\n");
  add(wire, "Host", authority(request.address.from));
  add(wire, "User-Agent", user_agent);
  add(wire, "Accept-Encoding", "identity");
  for (const auto& header : request.headers) add(wire, header.name, header.value);
  if (carries_body) add(wire, "Content-Length", std::to_string(request.body.size()));
  wire.append("\r\n").append(request.body);
  return wire;
}

}  // namespace music::net
