#pragma once

/// The three skills of the design document, as GET /skills lists them.

#include <music/http/server.hpp>

#include <string>
#include <string_view>

namespace music::http {

/// `{"data":[{"name":…,"description":…,"url":…,"answers":…,"parameters":{…}}]}`: `answers` is "result" for a skill that
/// answers at once and "job" for one whose job is to be followed; `parameters` is the JSON Schema of what the design
/// document gives it.
/// Only those that a process of this role serves.
[[nodiscard]] std::string render_skills(std::string_view base_url, served_role role);

}  // namespace music::http
