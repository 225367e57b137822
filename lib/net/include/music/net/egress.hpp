#pragma once

/// What may be fetched when the URL came from somebody else (audio links, webhooks): server-side request forgery guard.

#include <music/net/url.hpp>

#include <boost/asio/ip/address.hpp>

#include <string_view>

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

}  // namespace music::net
