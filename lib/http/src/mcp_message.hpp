#pragma once

/// One message of the Model Context Protocol over Streamable HTTP, in both eras that are spoken: with a handshake
/// (2025-06-18, 2025-11-25) and without one (2026-07-28, where every request says its version itself).
/// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http

#include "json_document.hpp"
#include "request_head.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace music::http {

enum class mcp_era : std::uint8_t {
  handshake,  ///< `initialize` first, the version in a header afterwards
  stateless,  ///< version and capabilities in `_meta` of every request, mirrored into headers
};

inline constexpr std::string_view mcp_latest_version = "2026-07-28";
inline constexpr std::string_view mcp_latest_handshake_version = "2025-11-25";

/// The versions as a JSON array, newest first.
[[nodiscard]] std::string_view mcp_supported_versions() noexcept;

/// The handshake version to answer `initialize` with: the one that was asked for if it is spoken, else the latest.
[[nodiscard]] std::string_view mcp_agreed_version(std::string_view requested) noexcept;

struct mcp_request {
  mcp_era era = mcp_era::handshake;
  std::string id;        ///< as JSON, to be sent back as it came
  std::string method;
  json_document params;  ///< empty if there are none
};

/// A notification, or an answer to a request that we never sent: neither is answered.
struct mcp_one_way {};

/// A JSON-RPC error. The message is a fixed text.
struct mcp_fault {
  unsigned http_status = 400;
  int code = 0;
  std::string_view message{};
  std::string id{};    ///< as JSON; empty if it could not be read: then the answer has none, for null is no id
  std::string data{};  ///< JSON, or empty
};

inline constexpr int mcp_parse_error = -32700;
inline constexpr int mcp_invalid_request = -32600;
inline constexpr int mcp_method_not_found = -32601;
inline constexpr int mcp_invalid_params = -32602;
inline constexpr int mcp_header_mismatch = -32020;
inline constexpr int mcp_unsupported_version = -32022;

using mcp_message = std::variant<mcp_request, mcp_one_way, mcp_fault>;

/// Reads a body and holds the mirrored headers against it.
[[nodiscard]] mcp_message read_mcp(std::string_view body, const request_head& head);

}  // namespace music::http
