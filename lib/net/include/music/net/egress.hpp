#pragma once

/// What may be fetched when the URL came from somebody else (audio links, webhooks): server-side request forgery guard.

#include <music/net/http_client.hpp>
#include <music/net/url.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace music::net {

/// Whether the address is on the public internet. IPv4: all but 20 special blocks (private, shared, link-local, multicast,
/// documentation, cloud metadata, ...). IPv6: 2000::/3 only, minus six blocks (Teredo, 6to4, documentation, ...) and
/// ISATAP interface ids. Mapped and translated forms are refused as they are. Network-specific NAT64 prefixes cannot be
/// known here. Sources: IANA special-purpose registries, as of 2026-11.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

/// `parse_url` and: https, a DNS name of two labels or more that does not end in a special-use suffix (.internal, .local,
/// nip.io, ...), no address literal, port 443 or 8443, no encoded controls. What passes must still be resolved, and only
/// connected to when every answer is public: `address_policy::public_only`. Error: `invalid_argument`.
[[nodiscard]] result<url> parse_public_https_url(std::string_view text);

/// A URL that may be asked, and under which policy. The policy must go with the request: the text alone says
/// nothing about where the name leads when it is looked up.
struct permitted_url {
  url address{};
  address_policy policy = address_policy::public_only;
};

/// `parse_public_https_url` and the exceptions that an operator makes, for URLs from outside; a wider rule for the operator's own.
/// Immutable once made; thread-safe to read.
class egress_rules {
 public:
  /// No exceptions.
  egress_rules() = default;

  /// "127.0.0.1:18789,gateway.internal:443": exact pairs of host and port that are allowed whatever their address, and where
  /// alone `http://` may be spoken. An IPv6 address stands in brackets; there is no wildcard and no default port. Error:
  /// `invalid_argument` for anything else.
  [[nodiscard]] static result<egress_rules> parse(std::string_view allowed_hosts);

  /// Nothing may be sent to this host and port although it may be public: the service itself.
  void refuse(const origin& own) { refused_.emplace(own.host, own.port); }

  /// A URL from outside. Error: `invalid_argument`; the detail names the rule, never the text.
  [[nodiscard]] result<permitted_url> check(std::string_view text) const;

  /// A URL that the operator wrote, which needs no exception: https to any host and port, http to a loopback host, or to what an
  /// exception names. Never for a URL from outside: nothing is said about its addresses. Error: as above.
  [[nodiscard]] result<permitted_url> check_own(std::string_view text) const;

 private:
  using host_and_port = std::pair<std::string, std::uint16_t>;

  /// What holds for every URL, whoever wrote it.
  [[nodiscard]] result<url> parse_checked(std::string_view text) const;
  [[nodiscard]] bool excepts(const origin& to) const { return allowed_.contains({to.host, to.port}); }

  std::set<host_and_port> allowed_;
  std::set<host_and_port> refused_;
};

}  // namespace music::net
