#include "header_values.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace music::http {
namespace {

constexpr std::size_t longest_key = 255;
constexpr std::size_t longest_request_id = 128;

bool is_visible(char c) noexcept { return c > 0x20 && c < 0x7f; }

std::string_view strip(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Cuts off and gives what stands before `mark`, outside quoted strings.
std::string_view next_part(std::string_view& rest, char mark) noexcept {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '\\' && quoted) {
      ++at;
    } else if (rest[at] == '"') {
      quoted = !quoted;
    } else if (rest[at] == mark && !quoted) {
      break;
    }
  }
  at = std::min(at, rest.size());
  const auto part = strip(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

std::string_view unquote_plain(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (ec == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return ec == std::errc{} ? std::optional{number} : std::nullopt;
}

/// The inside of an RFC 8941 string, or nothing if it is not one.
std::optional<std::string> unquote_string(std::string_view value) {
  if (value.size() < 2 || value.back() != '"') return std::nullopt;
  std::string text;
  const auto inner = value.substr(1, value.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '"') return std::nullopt;
    const bool escaped = inner[i] == '\\';
    if (escaped) ++i;
    if (escaped && (i == inner.size() || (inner[i] != '"' && inner[i] != '\\'))) return std::nullopt;
    text.push_back(inner[i]);
  }
  return text;
}

/// What stands of a media range's quality, in thousandths; 1000 when it says nothing.
bool refused_by_quality(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    auto parameter = next_part(parameters, ';');
    const auto name = next_part(parameter, '=');
    if (!equal_ignoring_case(name, "q")) continue;
    return strip(parameter).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

void append_escaped(std::string& out, unsigned char byte) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const bool attribute_char = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                              byte == '-' || byte == '.' || byte == '_';
  if (attribute_char) {
    out.push_back(static_cast<char>(byte));
    return;
  }
  out.push_back('%');
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

bool unsafe_in_name(char32_t c) noexcept {
  constexpr std::u32string_view refused = U"\"\\/:*?<>|%;";
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool direction = (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || direction || refused.find(c) != std::u32string_view::npos;
}

/// The title without what could harm a file system or a header; never empty, never hidden.
std::string safe_title(std::string_view title) {
  constexpr std::size_t longest = 80;
  std::string name;
  auto rest = first_code_points(valid_utf8(title) ? title : std::string_view{}, longest);
  while (!rest.empty()) {
    const auto next = decode_utf8(rest);
    if (!next) break;
    if (unsafe_in_name(next->code_point)) {
      name.push_back('_');
    } else {
      name.append(rest, 0, next->bytes);
    }
    rest.remove_prefix(next->bytes);
  }
  std::string_view kept = trim(name);
  while (kept.starts_with('.')) kept = trim(kept.substr(1));
  return kept.empty() ? "song" : std::string{kept};
}

/// One underscore for each character that ASCII does not have.
std::string ascii_fallback(std::string_view name) {
  std::string plain;
  while (!name.empty()) {
    const auto next = decode_utf8(name);
    const std::size_t bytes = next ? next->bytes : 1;
    plain.push_back(bytes == 1 ? name.front() : '_');
    name.remove_prefix(bytes);
  }
  return plain;
}

range_choice part_of(std::uint64_t first, std::uint64_t last, std::uint64_t size) noexcept {
  if (first >= size) return {range_outcome::unsatisfiable, {}};
  const auto end = std::min(last, size - 1);
  return {range_outcome::part, {first, end - first + 1}};
}

}  // namespace

std::optional<std::string> parse_idempotency_key(std::string_view value) {
  const auto key = value.starts_with('"') ? unquote_string(value) : std::optional<std::string>{value};
  if (!key || key->empty() || key->size() > longest_key) return std::nullopt;
  return std::all_of(key->begin(), key->end(), is_visible) ? key : std::nullopt;
}

std::optional<std::chrono::seconds> parse_wait(std::string_view prefer) {
  constexpr std::uint64_t most = 86'400;
  while (!prefer.empty()) {
    auto preference = next_part(prefer, ',');
    auto setting = next_part(preference, ';');
    const auto name = next_part(setting, '=');
    if (!equal_ignoring_case(name, "wait")) continue;
    const auto seconds = parse_number(unquote_plain(strip(setting)));
    if (!seconds) return std::nullopt;
    return std::chrono::seconds{std::min(*seconds, most)};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_event_id(std::string_view value) noexcept { return parse_number(value); }

bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept {
  if (if_none_match == "*") return true;
  while (!if_none_match.empty()) {
    auto candidate = next_part(if_none_match, ',');
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag) return true;
  }
  return false;
}

range_choice choose_range(std::string_view range, std::uint64_t size) noexcept {
  constexpr std::string_view unit = "bytes=";
  if (!equal_ignoring_case(range.substr(0, unit.size()), unit)) return {};
  const auto spec = strip(range.substr(unit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return {};
  const auto from = spec.substr(0, dash);
  const auto to = spec.substr(dash + 1);
  const auto first = parse_number(from);
  const auto last = parse_number(to);
  if (from.empty()) {
    if (!last) return {};
    if (*last == 0 || size == 0) return {range_outcome::unsatisfiable, {}};
    return part_of(size - std::min(*last, size), size - 1, size);
  }
  if (!first) return {};
  if (to.empty()) return part_of(*first, std::numeric_limits<std::uint64_t>::max(), size);
  if (!last || *last < *first) return {};
  return part_of(*first, *last, size);
}

bool is_json(std::string_view content_type) noexcept {
  if (!equal_ignoring_case(next_part(content_type, ';'), "application/json")) return false;
  while (!content_type.empty()) {
    auto parameter = next_part(content_type, ';');
    if (parameter.empty()) continue;
    const auto name = next_part(parameter, '=');
    if (!equal_ignoring_case(name, "charset") || !equal_ignoring_case(unquote_plain(parameter), "utf-8")) return false;
  }
  return true;
}

bool accepts_json(std::string_view accept) noexcept {
  if (accept.empty()) return true;
  while (!accept.empty()) {
    auto entry = next_part(accept, ',');
    const auto type = next_part(entry, ';');
    const bool fits =
        type == "*/*" || equal_ignoring_case(type, "application/*") || equal_ignoring_case(type, "application/json");
    if (fits && !refused_by_quality(entry)) return true;
  }
  return false;
}

bool is_request_id(std::string_view value) noexcept {
  constexpr auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !value.empty() && value.size() <= longest_request_id && std::all_of(value.begin(), value.end(), allowed);
}

std::string content_disposition(std::string_view title, std::string_view extension) {
  const auto name = safe_title(title);
  const auto fallback = ascii_fallback(name);
  std::string value = "inline; filename=\"" + fallback + "." + std::string{extension} + "\"";
  if (fallback == name) return value;
  value += "; filename*=UTF-8''";
  for (const char c : name) append_escaped(value, static_cast<unsigned char>(c));
  value.append(".").append(extension);
  return value;
}

}  // namespace music::http
