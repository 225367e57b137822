#pragma once

#include <string_view>

namespace music::http {

/// `openapi.yaml`, built into the program.
[[nodiscard]] std::string_view openapi_document() noexcept;

}  // namespace music::http
