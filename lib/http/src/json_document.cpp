#include "json_document.hpp"

#include "json_collector.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace music::http {
namespace {

constexpr std::size_t deepest_nesting = 8;

}  // namespace

std::optional<json_document> parse_json_object(std::string_view body, unsigned deepest) {
  boost::json::parse_options options;
  options.max_depth = deepest_nesting;
  boost::json::basic_parser<json_collector> parser{options, deepest};
  boost::json::error_code ec;
  const auto used = parser.write_some(false, body.data(), body.size(), ec);
  if (ec || used < body.size() || !parser.done() || !parser.handler().is_object()) return std::nullopt;
  return parser.handler().take();
}

const json_member* find_member(const json_document& document, std::string_view name) noexcept {
  for (const auto& member : document) {
    if (member.depth == 1 && member.name == name) return &member;
  }
  return nullptr;
}

json_document members_of(const json_document& document, std::string_view name) {
  json_document inner;
  bool inside = false;
  for (const auto& member : document) {
    if (member.depth == 1) {
      inside = member.name == name && member.kind == json_kind::object;
    } else if (inside) {
      inner.push_back(member);
      --inner.back().depth;
    }
  }
  return inner;
}

}  // namespace music::http
