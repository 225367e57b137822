#pragma once

/// The tools as models see them: their descriptions and schemas, their arguments, and a job as their result.

#include "request_json.hpp"

#include <music/base/json_writer.hpp>
#include <music/core/job.hpp>
#include <music/core/job_service.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace music::http {

/// Clients give up on a call after 60 s, some after 30 (reference: job-api.md, G10).
inline constexpr std::chrono::seconds longest_tool_wait{25};

/// What every client is told once about how the tools go together.
[[nodiscard]] std::string_view mcp_instructions() noexcept;

/// The `tools` array of tools/list, in a fixed order.
[[nodiscard]] std::string_view mcp_tool_list();

struct generate_arguments {
  generate_request song;
  std::optional<request_key> key;
  std::chrono::seconds wait{0};
};

struct job_arguments {
  std::string job_id;  ///< not checked: an id that is not ours is not found
  std::chrono::seconds wait{0};
};

[[nodiscard]] decoded_body<generate_arguments> decode_generate_arguments(json_document arguments);
[[nodiscard]] decoded_body<job_arguments> decode_get_arguments(const json_document& arguments);
[[nodiscard]] decoded_body<job_arguments> decode_cancel_arguments(const json_document& arguments);

/// The members `content`, `structuredContent` and `isError` of a result that shows a job: the structured form, the same as
/// text for clients that read only that, and a link for each audio file.
void append_job_result(json_writer& json, const job& job, std::string_view base_url);

/// The same with the styles that `style` can name.
void append_styles_result(json_writer& json);

/// The same for what went wrong: the problem's fixed text, and the arguments it is about.
void append_error_result(json_writer& json, const refusal& why);

}  // namespace music::http
