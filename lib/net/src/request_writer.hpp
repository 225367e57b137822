#pragma once

/// A request to bytes. Nothing below checks what goes out, so this does.

#include <music/net/http_client.hpp>

#include <string>

namespace music::net {

/// The whole request as it goes over the wire, or `invalid_argument` when a method, target, header or host could change
/// its structure.
[[nodiscard]] result<std::string> write_request(const http_request& request, std::string_view user_agent);

}  // namespace music::net
