#pragma once

/// Whether a request may be told where it wants to be.

#include <music/core/request.hpp>
#include <music/http/server.hpp>

#include <vector>

namespace music::http {

/// What is wrong with the request's `webhook` beyond the rules that `decode_generate` has held it to. To be asked before a
/// job is stored, however it came in.
[[nodiscard]] std::vector<field_error> check_webhook(const http_ports& ports, const generate_request& wanted);

}  // namespace music::http
