#include <music/net/url.hpp>

#include <music/base/text.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace music::net {
namespace {

constexpr std::size_t max_url_bytes = 2048;
constexpr std::size_t max_name_bytes = 253;   // RFC 1035
constexpr std::size_t max_label_bytes = 63;   // RFC 1035

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_unreserved(char c) noexcept {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// pchar without the escapes, and '/' (RFC 3986, 3.3).
constexpr bool is_path_char(char c) noexcept {
  return is_unreserved(c) || std::string_view("!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

error refused(const char* rule) { return error{errc::invalid_argument, std::string("URL: ") + rule}; }

bool valid_label(std::string_view label) noexcept {
  const auto ldh = [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; };
  return !label.empty() && label.size() <= max_label_bytes && std::ranges::all_of(label, ldh) && label.front() != '-' &&
         label.back() != '-';
}

/// Whether inet_aton might read the name as a number: then it must be a plain dotted quad or nothing.
bool looks_numeric(std::string_view last_label) noexcept {
  const auto hex_prefix = last_label.starts_with("0x") || last_label.starts_with("0X");
  return std::ranges::all_of(last_label, is_digit) || (hex_prefix && std::ranges::all_of(last_label.substr(2), is_hex));
}

bool valid_ipv4(std::string_view text) {
  boost::system::error_code ec;
  boost::asio::ip::make_address_v4(std::string(text), ec);
  return !ec;
}

bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > max_name_bytes) return false;
  auto rest = name;
  for (;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (!valid_label(label)) return false;
    if (dot == std::string_view::npos) return !looks_numeric(label) || valid_ipv4(name);
    rest.remove_prefix(dot + 1);
  }
}

/// The text of an address inside brackets in its canonical form; no zone.
std::optional<std::string> canonical_ipv6(std::string_view text) {
  boost::system::error_code ec;
  const auto parsed = boost::asio::ip::make_address_v6(std::string(text), ec);
  if (ec || text.find('%') != std::string_view::npos) return std::nullopt;
  return parsed.to_string();
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, port);
  if (ec != std::errc{} || stop != end || port == 0 || !is_digit(text.front())) return std::nullopt;
  return port;
}

bool valid_target(std::string_view text) noexcept {
  bool in_query = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (text[i] == '?') {
      in_query = true;  // a query may contain '?' itself
    } else if (!is_path_char(text[i])) {
      return false;
    }
  }
  return in_query || text.find('?') == std::string_view::npos;
}

/// Splits "host", "host:port" or "[address]:port" and checks both.
result<origin> parse_authority(std::string_view text, scheme of) {
  origin parsed{.scheme = of, .port = static_cast<std::uint16_t>(of == scheme::https ? 443 : 80)};
  if (text.find('@') != std::string_view::npos) return refused("user information is not allowed");
  const bool bracketed = text.starts_with('[');
  const auto host_end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && host_end == std::string_view::npos) return refused("unclosed bracket");
  const auto host = text.substr(bracketed ? 1 : 0, bracketed ? host_end - 1 : host_end);
  const auto rest = host_end == std::string_view::npos ? std::string_view{} : text.substr(host_end + (bracketed ? 1 : 0));
  if (bracketed) {
    auto address = canonical_ipv6(host);
    if (!address) return refused("not an IPv6 address");
    parsed.host = std::move(*address);
  } else {
    if (!valid_name(host)) return refused("the host is neither a DNS name nor an IPv4 address");
    parsed.host = to_lower_ascii(host);
  }
  if (rest.empty()) return parsed;
  const auto port = rest.size() > 1 && rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return refused("the port is not a number from 1 to 65535");
  parsed.port = *port;
  return parsed;
}

bool default_port(const origin& of) noexcept { return of.port == (of.scheme == scheme::https ? 443 : 80); }

}  // namespace

std::string authority(const origin& of) {
  auto text = of.host.find(':') == std::string::npos ? of.host : "[" + of.host + "]";
  if (!default_port(of)) text += ":" + std::to_string(of.port);
  return text;
}

std::string to_string(const origin& of) { return (of.scheme == scheme::https ? "https://" : "http://") + authority(of); }

std::string to_string(const url& address) { return to_string(address.from) + address.target; }

result<url> parse_url(std::string_view text) {
  if (text.size() > max_url_bytes) return refused("longer than 2048 bytes");
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) return refused("a byte outside visible ASCII");
  const auto separator = text.find("://");
  if (separator == std::string_view::npos) return refused("does not begin with https:// or http://");
  const bool secure = equal_ignoring_case(text.substr(0, separator), "https");
  if (!secure && !equal_ignoring_case(text.substr(0, separator), "http")) return refused("the scheme is not https or http");
  if (text.find_first_of("#\\") != std::string_view::npos) return refused("a fragment or backslash");
  const auto rest = text.substr(separator + 3);
  const auto authority_end = rest.find_first_of("/?");
  auto from = parse_authority(rest.substr(0, authority_end), secure ? scheme::https : scheme::http);
  if (!from) return from.error();
  const auto target = authority_end == std::string_view::npos ? std::string_view{} : rest.substr(authority_end);
  if (!valid_target(target)) return refused("a character that needs escaping in the path or query");
  const bool rooted = target.starts_with('/');
  return url{.from = std::move(*from), .target = rooted ? std::string(target) : "/" + std::string(target)};
}

result<url> join(const url& base, std::string_view suffix) {
  if (base.target.find('?') != std::string::npos) return refused("a base URL may not have a query");
  if (!suffix.starts_with('/') || !valid_target(suffix)) return refused("malformed path");
  auto joined = base;
  while (joined.target.ends_with('/')) joined.target.pop_back();
  joined.target += suffix;
  if (to_string(joined).size() > max_url_bytes) return refused("longer than 2048 bytes");
  return joined;
}

std::string encode_segment(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const bool dots_only = text == "." || text == "..";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) && !dots_only) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
  }
  return encoded;
}

bool is_loopback_host(std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(std::string(host), ec);
  return !ec && address.is_loopback();
}

bool is_address(std::string_view host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(std::string(host), ec);
  return !ec;
}

}  // namespace music::net
