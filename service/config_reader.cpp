#include "config_reader.hpp"

#include <music/base/text.hpp>
#include <music/base/time.hpp>
#include <music/net/url.hpp>

#include <algorithm>

namespace music::service {

std::optional<std::string> reader::text(std::string_view name) const {
  auto value = lookup_(name);
  return value && !value->empty() ? value : std::nullopt;
}

void reader::refuse(std::string_view name, std::string_view accepted) {
  if (problem_.empty()) problem_ = std::string{name} + " must be " + std::string{accepted};
}

void reader::set_text(std::string_view name, std::string& into) const {
  if (auto value = text(name)) into = std::move(*value);
}

void reader::set_duration(std::string_view name, std::chrono::seconds& into, std::chrono::seconds least) {
  const auto value = text(name);
  if (!value) return;
  const auto duration = parse_duration(*value);
  if (duration && *duration >= least) into = *duration;
  else refuse(name, "a duration of at least " + std::to_string(least.count()) + "s such as 90, 90s, 15m or 24h");
}

void reader::set_flag(std::string_view name, bool& into) {
  const auto value = text(name);
  if (!value) return;
  if (*value == "1" || *value == "0") into = *value == "1";
  else refuse(name, "0 or 1");
}

void reader::set_secret(std::string_view name, secret& into) {
  auto value = text(name);
  if (!value) return;
  if (is_visible(*value) && value->size() <= longest_secret) into = secret{std::move(*value)};
  else refuse(name, "1 to " + std::to_string(longest_secret) + " visible ASCII characters (its value is not shown)");
}

void reader::set_header_value(std::string_view name, secret& into) {
  auto value = text(name);
  if (!value) return;
  const bool printable = std::all_of(value->begin(), value->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  const bool blank_at_end = value->front() == ' ' || value->back() == ' ';
  if (printable && !blank_at_end && value->size() <= longest_header_value) into = secret{std::move(*value)};
  else
    refuse(name, "1 to " + std::to_string(longest_header_value) +
                     " printable ASCII characters without a blank at either end (its value is not shown)");
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto part = trim(list.substr(0, comma));
    if (!part.empty()) parts.push_back(part);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return parts;
}

bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void read_base_url(reader& in, std::string_view name, std::string& into, bool insecure_allowed) {
  in.set_text(name, into);
  const auto parsed = net::parse_url(into);
  if (parsed.has_error() || parsed->target.find('?') != std::string::npos) {
    in.refuse(name, "an https:// URL without user, query or fragment");
    return;
  }
  const bool insecure = parsed->from.scheme == net::scheme::http;
  if (insecure && !(insecure_allowed && net::is_loopback_host(parsed->from.host))) {
    in.refuse(name, "an https:// URL (http:// only on a loopback address and with ALLOW_INSECURE_UPSTREAMS=1)");
  }
}

}  // namespace music::service
