#pragma once

/// This program's own HTTP interface (openapi.yaml), as far as another process of it asks for skills. Pure functions.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/upstream/service.hpp>

#include <string>
#include <string_view>

namespace music::remote {

[[nodiscard]] upstream::wire_request encode_prompt(const prompt_request& request);
[[nodiscard]] result<written_prompt> decode_prompt(const net::http_response& response, wall_time now);

[[nodiscard]] upstream::wire_request encode_submission(const song_request& request);
[[nodiscard]] submission decode_submission(const net::http_response& response, wall_time now);

/// `song_id` must be one that `decode_submission` gave.
[[nodiscard]] upstream::wire_request encode_poll(const std::string& song_id);

/// Tracks are located below `base`, never where the answer says.
[[nodiscard]] result<song_status> decode_poll(const net::http_response& response, const std::string& song_id,
                                              const net::url& base, wall_time now);

}  // namespace music::remote
