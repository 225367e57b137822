#pragma once

/// Request bodies: JSON in, domain values or a list of what is wrong out.

#include "json_document.hpp"
#include "refusal.hpp"

#include <music/core/ports.hpp>
#include <music/core/request.hpp>

#include <boost/system/result.hpp>

#include <string_view>
#include <vector>

namespace music::http {

/// POST /generate. The result has passed `music::validate`. `malformed_json`, `missing_parameter` (no theme) or
/// `validation_error` (unknown fields, wrong types, values outside their rules).
[[nodiscard]] decoded_body<generate_request> decode_generate(std::string_view body);

/// The same from a body that has been parsed; members deeper than in that of POST /generate are ignored.
[[nodiscard]] decoded_body<generate_request> decode_generate(const json_document& document);

/// POST /skills/suno-music-generator: as POST /generate, but `prompt` is required and `theme` is not.
[[nodiscard]] decoded_body<generate_request> decode_music_skill(std::string_view body);
[[nodiscard]] decoded_body<generate_request> decode_music_skill(const json_document& document);

/// POST /skills/chatgpt-prompt-generator: `theme`, and what a writer knows to do with `tags`, `style` and `instrumental`.
[[nodiscard]] decoded_body<prompt_request> decode_prompt_skill(std::string_view body);

/// The same as a job whose goal is the prompt, and `webhook` beside it.
[[nodiscard]] decoded_body<generate_request> decode_prompt_job(const json_document& document);

/// POST /jobs/<id>/retry: empty, or an object with at most `"on_unknown": "fail" | "resubmit"`. True for "resubmit".
[[nodiscard]] decoded_body<bool> decode_retry(std::string_view body);

/// POST /jobs/<id>/cancel: empty, or an empty object.
[[nodiscard]] decoded_body<void> decode_nothing(std::string_view body);

/// Asking a result for a value that it does not have is a broken invariant.
[[noreturn]] void throw_exception_from_error(const refusal& failure, const boost::source_location& where);

}  // namespace music::http
