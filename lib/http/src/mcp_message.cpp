#include "mcp_message.hpp"

#include <music/base/base64.hpp>
#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace music::http {
namespace {

constexpr unsigned deepest_member = 4;  // params / arguments / metadata / entry
constexpr std::size_t longest_id = 256;
constexpr std::array handshake_versions{mcp_latest_handshake_version, std::string_view{"2025-06-18"}};
constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";

bool is_handshake_version(std::string_view version) noexcept {
  for (const auto known : handshake_versions) {
    if (known == version) return true;
  }
  return false;
}

/// A text, or a whole number: null and fractions are not ids (basic/index, "Requests").
std::optional<std::string> id_as_json(const json_member& member) {
  constexpr double largest = 9'007'199'254'740'991.0;
  std::string id;
  if (member.kind == json_kind::text && member.text.size() <= longest_id) {
    append_json_string(id, member.text);
    return id;
  }
  if (member.kind != json_kind::number || !(std::abs(member.number) <= largest) || std::trunc(member.number) != member.number)
    return std::nullopt;
  return std::to_string(static_cast<std::int64_t>(member.number));
}

/// A header value that mirrors a name; what cannot stand in a header comes as `=?base64?…?=`.
std::optional<std::string> mirrored_name(std::string_view value) {
  constexpr std::string_view before = "=?base64?";
  constexpr std::string_view after = "?=";
  if (!value.starts_with(before) || !value.ends_with(after) || value.size() < before.size() + after.size())
    return std::string{value};
  return parse_base64(value.substr(before.size(), value.size() - before.size() - after.size()));
}

mcp_fault fault(const mcp_request& of, int code, std::string_view message) { return {400, code, message, of.id}; }

mcp_fault unsupported(const mcp_request& of, std::string_view requested) {
  auto refused = fault(of, mcp_unsupported_version, "Unsupported protocol version");
  json_writer json{refused.data};
  json.begin_object().key("supported").raw(mcp_supported_versions()).field("requested", requested).end_object();
  return refused;
}

/// Version, method and name come twice, in the body and in headers, and must be the same.
std::optional<mcp_fault> judge_stateless(const mcp_request& request, const request_head& head) {
  const auto meta = members_of(request.params, "_meta");
  const auto* const version = find_member(meta, version_key);
  const auto* const capabilities = find_member(meta, capabilities_key);
  if (version == nullptr || version->kind != json_kind::text || capabilities == nullptr ||
      capabilities->kind != json_kind::object) {
    return fault(request, mcp_invalid_params, "_meta must have the protocol version and the client's capabilities");
  }
  if (head.value(field::mcp_protocol_version) != version->text)
    return fault(request, mcp_header_mismatch, "MCP-Protocol-Version differs from the body");
  if (version->text != mcp_latest_version) return unsupported(request, version->text);
  if (head.value(field::mcp_method) != request.method)
    return fault(request, mcp_header_mismatch, "Mcp-Method differs from the body");
  if (request.method != "tools/call") return std::nullopt;
  const auto* const name = find_member(request.params, "name");
  const auto mirrored = mirrored_name(head.value(field::mcp_name));
  if (name != nullptr && name->kind == json_kind::text && (!mirrored || *mirrored != name->text)) {
    return fault(request, mcp_header_mismatch, "Mcp-Name differs from the body");
  }
  return std::nullopt;
}

std::optional<mcp_fault> judge_handshake(const mcp_request& request, const request_head& head) {
  const auto version = head.value(field::mcp_protocol_version);
  if (request.method == "initialize" || version.empty() || is_handshake_version(version)) return std::nullopt;
  return unsupported(request, version);
}

/// The header decides, and where it names no version of ours, whether the body has one.
mcp_era era_of(const mcp_request& request, const request_head& head) {
  const auto version = head.value(field::mcp_protocol_version);
  if (version == mcp_latest_version) return mcp_era::stateless;
  if (is_handshake_version(version)) return mcp_era::handshake;
  const bool says_itself = find_member(members_of(request.params, "_meta"), version_key) != nullptr;
  return says_itself ? mcp_era::stateless : mcp_era::handshake;
}

}  // namespace

std::string_view mcp_supported_versions() noexcept { return R"(["2026-07-28","2025-11-25","2025-06-18"])"; }

std::string_view mcp_agreed_version(std::string_view requested) noexcept {
  return is_handshake_version(requested) ? requested : mcp_latest_handshake_version;
}

mcp_message read_mcp(std::string_view body, const request_head& head) {
  const auto document = parse_json_object(body, deepest_member);
  if (!document) {
    const bool batch = trim(body).starts_with('[');
    return batch ? mcp_fault{400, mcp_invalid_request, "Batches are not spoken"} : mcp_fault{400, mcp_parse_error, "Parse error"};
  }
  const auto* const version = find_member(*document, "jsonrpc");
  const auto* const method = find_member(*document, "method");
  const auto* const id = find_member(*document, "id");
  if (version == nullptr || version->text != "2.0") return mcp_fault{400, mcp_invalid_request, "Invalid request"};
  const bool is_answer = find_member(*document, "result") != nullptr || find_member(*document, "error") != nullptr;
  if (method == nullptr && is_answer) return mcp_one_way{};
  if (method == nullptr || method->kind != json_kind::text) return mcp_fault{400, mcp_invalid_request, "Invalid request"};
  if (id == nullptr) return mcp_one_way{};

  auto echoed = id_as_json(*id);
  if (!echoed) return mcp_fault{400, mcp_invalid_request, "Invalid request"};
  mcp_request request{mcp_era::handshake, std::move(*echoed), method->text, members_of(*document, "params")};
  const auto* const params = find_member(*document, "params");
  if (params != nullptr && params->kind != json_kind::object)
    return fault(request, mcp_invalid_params, "params must be an object");
  request.era = era_of(request, head);
  auto refused = request.era == mcp_era::stateless ? judge_stateless(request, head) : judge_handshake(request, head);
  if (refused) return std::move(*refused);
  return request;
}

}  // namespace music::http
