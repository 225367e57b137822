#pragma once

/// From what a language model wrote to what was asked for.

#include <music/base/error.hpp>

#include <string>
#include <string_view>

namespace music::openai {

/// Takes off what models put around an answer: `<think>…</think>`, a Markdown fence, a "Prompt:" label, quotation marks
/// and emphasis around the whole; line ends become \n. What remains must pass `check_prompt`. A text of more than 2000
/// code points, or one that the model could not finish (`cut_off`), ends at the last sentence that is whole.
/// Error: `invalid_response`.
[[nodiscard]] result<std::string> prompt_from(std::string_view answer, bool cut_off);

}  // namespace music::openai
