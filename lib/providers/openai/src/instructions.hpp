#pragma once

/// What the language model is told. Constants and the caller's wishes never stand in one text.

#include <music/core/ports.hpp>

#include <string>
#include <string_view>

namespace music::openai {

/// The system message. Nothing of a request is ever in it.
[[nodiscard]] std::string_view instructions() noexcept;

/// The value of `response_format` that holds the model to the plan's form: every member required, as `strict` wants it.
[[nodiscard]] std::string_view plan_schema() noexcept;

/// The user message: all that the caller said, and what the house knows of the style, as one JSON document in a code fence
/// that nothing in it can end.
[[nodiscard]] std::string describe_wish(const prompt_request& request);

}  // namespace music::openai
