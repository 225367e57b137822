#pragma once

/// POST /webhooks/openclaw: a skill that the OpenClaw platform asks for, and where its result is to go.

#include "request_json.hpp"

#include <string_view>

namespace music::http {

/// `{"skill":…,"parameters":{…},"reply":{…}}` as the request that POST /skills/<skill> would make of the parameters, with
/// `reply` as its `webhook` in the format `openclaw`. The prompt generator, which answers at once where it stands, becomes a
/// job whose goal is the prompt. Fields that are wrong are named with their place in this body.
[[nodiscard]] decoded_body<generate_request> decode_openclaw_call(std::string_view body);

}  // namespace music::http
