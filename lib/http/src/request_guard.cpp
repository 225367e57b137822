#include "request_guard.hpp"

#include "header_values.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <array>

namespace music::http {
namespace {

bool digits_only(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `beast::keep_alive` and the body's end depend on these two fields alone, so nothing ambiguous passes: security.md F3.
bool framing_is_plain(const request_head& head) noexcept {
  const auto encodings = head.count(field::transfer_encoding);
  const auto lengths = head.count(field::content_length);
  if (encodings > 1 || lengths > 1 || (encodings == 1 && lengths == 1)) return false;
  if (encodings == 1) return head.http_1_1 && equal_ignoring_case(head.value(field::transfer_encoding), "chunked");
  return lengths == 0 || digits_only(head.value(field::content_length));
}

/// A body means something only with POST; elsewhere it is the usual way to hide a second request.
bool body_is_allowed(const request_head& head) noexcept {
  if (head.verb == method::post || head.verb == method::other) return true;
  return !head.chunked() && head.content_length.value_or(0) == 0;
}

/// A set of bytes as a table: the host and the target are walked for every request, and searching a list of characters for
/// each of theirs was a quarter of the instructions of a GET (callgrind, 2026-11).
class byte_set {
 public:
  template <class Predicate>
  explicit constexpr byte_set(Predicate contains) {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = contains(static_cast<char>(i));
  }
  [[nodiscard]] bool all_of(std::string_view text) const noexcept {
    return std::all_of(text.begin(), text.end(), [this](char c) { return table_[static_cast<unsigned char>(c)]; });
  }

 private:
  std::array<bool, 256> table_{};
};

/// uri-host [ ":" port ] (RFC 9110, 7.2), without percent escapes and sub-delims, which no name here has.
constexpr byte_set host_bytes{[](char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
         c == ':' || c == '[' || c == ']';
}};

constexpr byte_set target_bytes{[](char c) {
  constexpr std::string_view refused = "\"#<>\\^`{|}";
  return c > 0x20 && c < 0x7f && refused.find(c) == std::string_view::npos;
}};

bool host_is_plausible(std::string_view host) noexcept { return !host.empty() && host_bytes.all_of(host); }

bool host_is_clear(const request_head& head) noexcept {
  const auto hosts = head.count(field::host);
  if (hosts == 0) return !head.http_1_1;
  return hosts == 1 && host_is_plausible(head.value(field::host));
}

constexpr std::array single_valued{field::authorization,
                                   field::content_type,
                                   field::content_encoding,
                                   field::idempotency_key,
                                   field::if_range,
                                   field::range,
                                   field::expect,
                                   field::request_id,
                                   field::last_event_id,
                                   field::origin,
                                   field::mcp_protocol_version,
                                   field::mcp_method,
                                   field::mcp_name};

constexpr std::array ascii_only{field::authorization, field::content_type, field::idempotency_key};

bool ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool fields_are_clear(const request_head& head) noexcept {
  const auto once = [&](field which) { return head.count(which) <= 1; };
  const auto plain = [&](field which) { return ascii(head.value(which)); };
  return std::all_of(single_valued.begin(), single_valued.end(), once) &&
         std::all_of(ascii_only.begin(), ascii_only.end(), plain);
}

/// An empty body needs no media type; a body that must be there needs a length, so that none cannot be told from a lost one.
std::optional<problem> judge_body(const request_head& head, const route& where) noexcept {
  if (where.body == body_rule::required && !head.announces_body()) return problem::length_required;
  const auto coding = head.value(field::content_encoding);
  if (!coding.empty() && !equal_ignoring_case(coding, "identity")) return problem::unsupported_media_type;
  const bool has_bytes = head.chunked() || head.content_length.value_or(0) > 0;
  if (has_bytes && !is_json(head.value(field::content_type))) return problem::unsupported_media_type;
  return std::nullopt;
}

/// The part of an origin behind its scheme, without a port.
std::string_view host_of(std::string_view origin) noexcept {
  const auto scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return {};
  auto host = origin.substr(scheme_end + 3);
  host = host.substr(0, host.find('/'));
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && colon > (host.starts_with('[') ? host.find(']') : 0)) host = host.substr(0, colon);
  return host;
}

/// Where no key tells callers apart, a page that a browser of this network shows could have songs made and erased in its user's
/// name: by a form, or by DNS rebinding.
bool is_foreign_page(const request_head& head, const caller& by, std::string_view base_url) noexcept {
  const bool changes = head.verb == method::post || head.verb == method::del;
  return changes && by.name.empty() && head.has(field::origin) && !is_known_origin(head.value(field::origin), base_url);
}

}  // namespace

std::optional<problem> check_head(const request_head& head) noexcept {
  if (head.target().size() > longest_target) return problem::uri_too_long;
  if (!framing_is_plain(head) || !body_is_allowed(head) || !host_is_clear(head) || !fields_are_clear(head)) {
    return problem::invalid_header;
  }
  const auto path = origin_form(head.target());
  if (!target_bytes.all_of(head.target()) || path.empty()) return problem::invalid_header;
  if (path == "*" && head.verb != method::options) return problem::invalid_header;
  return std::nullopt;
}

std::optional<problem> judge(const request_head& head, const route* where, const caller* by, std::string_view base_url) noexcept {
  if (by == nullptr && (where == nullptr || !where->open)) return problem::unauthorized;
  const bool about_the_server = head.target() == "*";  // OPTIONS only
  if (where == nullptr) return about_the_server ? std::nullopt : std::optional{problem::not_found};
  if (!allows(*where, head.verb)) return problem::method_not_allowed;
  if (head.verb == method::options) return std::nullopt;
  if (by != nullptr && is_foreign_page(head, *by, base_url)) return problem::forbidden;
  const bool odd_expectation =
      head.http_1_1 && head.has(field::expect) && !equal_ignoring_case(head.value(field::expect), "100-continue");
  if (odd_expectation) return problem::expectation_failed;
  if (where->json_only && !accepts_json(head.value(field::accept))) return problem::not_acceptable;
  return head.verb == method::post ? judge_body(head, *where) : std::nullopt;
}

bool is_known_origin(std::string_view origin, std::string_view base_url) noexcept {
  const auto host = host_of(origin);
  if (host.empty()) return false;
  if (equal_ignoring_case(host, "localhost") || host == "127.0.0.1" || host == "[::1]") return true;
  const auto path = base_url.find('/', base_url.find("://") + 3);
  return equal_ignoring_case(origin, base_url.substr(0, path));
}

std::string_view origin_form(std::string_view target) noexcept {
  if (target.starts_with('/') || target == "*") return target;
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto scheme = target.substr(0, scheme_end);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) return {};
  const auto authority = target.substr(scheme_end + 3);
  const auto path = authority.find('/');
  if (authority.empty() || path == 0) return {};  // RFC 9110, 4.2.1: without a host it is invalid
  return path == std::string_view::npos ? std::string_view{"/"} : authority.substr(path);
}

}  // namespace music::http
