#include "request_head.hpp"

namespace music::http {

std::string_view name(method verb) noexcept {
  switch (verb) {
    case method::get: return "GET";
    case method::head: return "HEAD";
    case method::post: return "POST";
    case method::del: return "DELETE";
    case method::options: return "OPTIONS";
    case method::other: return "_OTHER";
  }
  return "_OTHER";
}

request_head::span request_head::place(std::string_view text) const noexcept {
  if (text.empty()) return {};
  return {static_cast<std::uint32_t>(text.data() - first_), static_cast<std::uint32_t>(text.size()), false};
}

std::string_view request_head::view(const span& at) const noexcept {
  if (at.joined) return std::string_view{joined_}.substr(at.offset, at.length);
  return {first_ + at.offset, at.length};
}

void request_head::add(field which, std::string_view text) {
  auto& at = values_[index(which)];
  if (seen_[index(which)]++ == 0) {
    at = place(text);
    return;
  }
  std::string both{view(at)};
  both.append(", ").append(text);
  at = {static_cast<std::uint32_t>(joined_.size()), static_cast<std::uint32_t>(both.size()), true};
  joined_ += both;
}

}  // namespace music::http
