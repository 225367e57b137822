#pragma once

/// URLs of upstreams, read strictly and once: what was parsed is what is connected to, verified and sent.

#include <music/base/error.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace music::net {

enum class scheme : std::uint8_t { http, https };

/// Where connections go: the key of the connection pool.
struct origin {
  net::scheme scheme = net::scheme::https;
  std::string host{};  ///< lower case; a DNS name, an IPv4 address, or an IPv6 address without brackets
  std::uint16_t port = 443;

  friend auto operator<=>(const origin&, const origin&) = default;
};

/// What the Host header says: the port only if it is not the scheme's own, an IPv6 address in brackets.
[[nodiscard]] std::string authority(const origin& of);

/// "https://host", "http://[::1]:8080".
[[nodiscard]] std::string to_string(const origin& of);

/// A parsed URL. `target` begins with '/' and is sent as it stands.
struct url {
  origin from{};
  std::string target = "/";

  friend bool operator==(const url&, const url&) = default;
};

[[nodiscard]] std::string to_string(const url& address);

/// RFC 3986, narrowed: `http://` or `https://` in any case, a host of LDH labels, a dotted-quad IPv4 address or an IPv6
/// address in brackets (no zone), an optional port 1-65535, path and query from the RFC's sets with well-formed percent
/// escapes. Refused: user information, fragments, controls, non-ASCII, numbers that `inet_aton` would take for addresses,
/// a trailing dot, more than 2048 bytes. Error: `invalid_argument`; the detail names the rule, never the text.
[[nodiscard]] result<url> parse_url(std::string_view text);

/// The base's path, then `suffix` (which begins with '/' and is already percent-encoded). "https://h/v1/" + "/songs" is
/// "https://h/v1/songs". The base must have no query. Error: `invalid_argument`.
[[nodiscard]] result<url> join(const url& base, std::string_view suffix);

/// One path segment or query value: all but RFC 3986's unreserved characters become %XX, so that nothing in it can change
/// the URL's structure. "." and ".." are escaped too.
[[nodiscard]] std::string encode_segment(std::string_view text);

/// "localhost", 127.0.0.0/8 and ::1: where `ALLOW_INSECURE_UPSTREAMS` allows http.
[[nodiscard]] bool is_loopback_host(std::string_view host);

/// Whether the host is an IPv4 or IPv6 address in its canonical text form (no resolver needed).
[[nodiscard]] bool is_address(std::string_view host);

}  // namespace music::net
