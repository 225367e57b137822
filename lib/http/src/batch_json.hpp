#pragma once

/// Batches as JSON: what a client asks with, and what it is told.

#include "refusal.hpp"

#include <music/core/batch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace music::http {

/// POST /batches: `{"requests": [...]}` with 1..`largest_batch` bodies of POST /generate, each read as that reads its own. What is
/// wrong with one is told under its place, e.g. `requests[3].theme`. `malformed_json`, `missing_parameter` (no requests) or
/// `validation_error`.
[[nodiscard]] decoded_body<std::vector<generate_request>> decode_batch(std::string_view body);

/// The same fields, of the request at that place.
[[nodiscard]] std::vector<field_error> at_place(std::size_t place, std::vector<field_error> fields);

/// More wrong fields than this are not told: a body of garbage must not make an answer of the same size.
inline constexpr std::size_t most_batch_errors = 20;

/// The batch with its jobs in short: a hundred whole ones at each poll would be a quarter of a megabyte. Links begin with
/// `base_url`, which has no final slash.
[[nodiscard]] std::string render_batch(const batch& batch, std::string_view base_url);

}  // namespace music::http
