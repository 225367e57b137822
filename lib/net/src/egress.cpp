#include <music/net/egress.hpp>

#include <music/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace music::net {
namespace {

namespace ip = boost::asio::ip;

struct block_v4 {
  std::uint32_t first;
  unsigned bits;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) noexcept {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array special_v4{
    block_v4{quad(0, 0, 0, 0), 8},           // this network
    block_v4{quad(10, 0, 0, 0), 8},          // private
    block_v4{quad(100, 64, 0, 0), 10},       // shared (carrier-grade NAT); metadata of one cloud
    block_v4{quad(127, 0, 0, 0), 8},         // loopback
    block_v4{quad(168, 63, 129, 16), 32},    // a cloud's control server on a public address
    block_v4{quad(169, 254, 0, 0), 16},      // link-local; metadata of most clouds
    block_v4{quad(172, 16, 0, 0), 12},       // private
    block_v4{quad(192, 0, 0, 0), 24},        // protocol assignments
    block_v4{quad(192, 0, 2, 0), 24},        // documentation
    block_v4{quad(192, 31, 196, 0), 24},     // AS112
    block_v4{quad(192, 52, 193, 0), 24},     // AMT
    block_v4{quad(192, 88, 99, 0), 24},      // 6to4 relay anycast
    block_v4{quad(192, 168, 0, 0), 16},      // private
    block_v4{quad(192, 175, 48, 0), 24},     // AS112
    block_v4{quad(198, 18, 0, 0), 15},       // benchmarking
    block_v4{quad(198, 51, 100, 0), 24},     // documentation
    block_v4{quad(203, 0, 113, 0), 24},      // documentation
    block_v4{quad(224, 0, 0, 0), 4},         // multicast
    block_v4{quad(240, 0, 0, 0), 4},         // reserved
    block_v4{quad(255, 255, 255, 255), 32},  // limited broadcast
};

struct block_v6 {
  std::array<std::uint8_t, 6> first;
  unsigned bits;
};

constexpr block_v6 global_unicast{{0x20}, 3};

constexpr std::array special_v6{
    block_v6{{0x20, 0x01}, 23},                                // protocol assignments: Teredo, benchmarking, ORCHID
    block_v6{{0x20, 0x01, 0x0d, 0xb8}, 32},                    // documentation
    block_v6{{0x20, 0x02}, 16},                                // 6to4 embeds an IPv4 address
    block_v6{{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},        // AS112
    block_v6{{0x3f, 0xfe}, 16},                                // 6bone, returned
    block_v6{{0x3f, 0xff}, 20},                                // documentation (RFC 9637)
};

/// Ends of names that are special, internal by custom, or resolve to whatever address they spell.
constexpr std::array<std::string_view, 29> special_suffixes{
    "localhost",     "local",     "localdomain", "internal", "intranet",      "lan",      "home",   "corp",
    "private",       "home.arpa", "test",        "example",  "invalid",       "onion",    "alt",    "arpa",
    "cluster.local", "svc",       "consul",      "kube",     "nip.io",        "sslip.io", "xip.io", "localtest.me",
    "lvh.me",        "vcap.me",   "1u.ms",       "rbndr.us", "localdomain.pw"};

constexpr bool contains(const block_v4& block, std::uint32_t address) noexcept {
  return (address ^ block.first) >> (32U - block.bits) == 0;
}

bool contains(const block_v6& block, const ip::address_v6::bytes_type& address) noexcept {
  for (unsigned bit = 0; bit < block.bits; bit += 8) {
    const unsigned kept = std::min(8U, block.bits - bit);
    const auto differing = static_cast<unsigned>(address[bit / 8] ^ block.first[bit / 8]);
    if (differing >> (8U - kept) != 0) return false;
  }
  return true;
}

/// ISATAP (RFC 5214): the interface id carries an IPv4 address after 0000:5EFE or 0200:5EFE.
bool is_isatap(const ip::address_v6::bytes_type& address) noexcept {
  return (address[8] == 0 || address[8] == 2) && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

bool has_special_suffix(std::string_view host) noexcept {
  return std::ranges::any_of(special_suffixes, [&](std::string_view suffix) {
    if (!host.ends_with(suffix)) return false;
    return host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.';
  });
}

unsigned hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

/// %00-%1F and %7F: harmless to us, not to every server behind the URL.
bool has_encoded_control(std::string_view target) noexcept {
  for (std::size_t at = target.find('%'); at != std::string_view::npos; at = target.find('%', at + 1)) {
    const auto byte = hex_value(target[at + 1]) * 16 + hex_value(target[at + 2]);
    if (byte < 0x20 || byte == 0x7F) return true;
  }
  return false;
}

error refused(const char* rule) { return error{errc::invalid_argument, std::string("public URL: ") + rule}; }

/// One entry of a list of pairs. The grammar of hosts is that of URLs, so that both sides compare the same spelling.
result<origin> parse_pair(std::string_view text) {
  const auto parsed = parse_url("http://" + std::string(text));
  if (!parsed) return parsed.error();
  const bool nothing_between = parsed->target == "/";  // "internal/x:80" ends with its port too
  if (!nothing_between || !text.ends_with(':' + std::to_string(parsed->from.port))) return refused("not one host:port");
  return parsed->from;
}

}  // namespace

bool is_public_address(const ip::address& address) {
  if (address.is_v4()) {
    const auto number = address.to_v4().to_uint();
    return std::ranges::none_of(special_v4, [&](const block_v4& block) { return contains(block, number); });
  }
  const auto bytes = address.to_v6().to_bytes();
  if (!contains(global_unicast, bytes) || is_isatap(bytes)) return false;
  return std::ranges::none_of(special_v6, [&](const block_v6& block) { return contains(block, bytes); });
}

result<url> parse_public_https_url(std::string_view text) {
  auto parsed = parse_url(text);
  if (!parsed) return parsed.error();
  const auto& from = parsed->from;
  if (from.scheme != scheme::https) return refused("the scheme is not https");
  if (is_address(from.host)) return refused("an address instead of a name");
  if (from.host.find('.') == std::string::npos) return refused("a name of one label");
  if (has_special_suffix(from.host)) return refused("a special-use name");
  if (from.port != 443 && from.port != 8443) return refused("the port is neither 443 nor 8443");
  if (has_encoded_control(parsed->target)) return refused("an encoded control byte");
  return parsed;
}

result<egress_rules> egress_rules::parse(std::string_view allowed_hosts) {
  egress_rules rules;
  while (!allowed_hosts.empty()) {
    const auto comma = allowed_hosts.find(',');
    const auto pair = parse_pair(trim(allowed_hosts.substr(0, comma)));
    if (!pair) return pair.error();
    rules.allowed_.emplace(pair->host, pair->port);
    allowed_hosts.remove_prefix(comma == std::string_view::npos ? allowed_hosts.size() : comma + 1);
  }
  return rules;
}

result<url> egress_rules::parse_checked(std::string_view text) const {
  auto parsed = parse_url(text);
  if (!parsed) return parsed.error();
  if (refused_.contains({parsed->from.host, parsed->from.port})) return refused("the service itself");
  if (has_encoded_control(parsed->target)) return refused("an encoded control byte");
  return parsed;
}

result<permitted_url> egress_rules::check(std::string_view text) const {
  auto parsed = parse_checked(text);
  if (!parsed) return parsed.error();
  if (excepts(parsed->from)) return permitted_url{.address = std::move(*parsed), .policy = address_policy::any};
  auto outside = parse_public_https_url(text);
  if (!outside) return outside.error();
  return permitted_url{.address = std::move(*outside), .policy = address_policy::public_only};
}

result<permitted_url> egress_rules::check_own(std::string_view text) const {
  auto parsed = parse_checked(text);
  if (!parsed) return parsed.error();
  const auto& to = parsed->from;
  const bool stays_private = to.scheme == scheme::https || is_loopback_host(to.host);
  if (!stays_private && !excepts(to)) return refused("http beyond loopback");
  return permitted_url{.address = std::move(*parsed), .policy = address_policy::any};
}

}  // namespace music::net
