#pragma once

/// From what a language model wrote around its answer to the answer.

#include <music/base/error.hpp>

#include <string>
#include <string_view>

namespace music::openai {

/// Takes off `<think>…</think>` and white space. A model that was cut off while thinking has not answered: nothing is left.
[[nodiscard]] std::string_view without_thoughts(std::string_view answer);

/// The inside of the first Markdown fence, if there is one; its info string ("json", "text") goes too.
[[nodiscard]] std::string_view without_fence(std::string_view text);

/// A prompt in prose. Takes off a fence, a "Prompt:" label, quotation marks and emphasis around the whole; line ends become
/// \n. What remains must pass `check_prompt`. A text of more than 2000 code points, or one that the model could not finish
/// (`cut_off`), ends at the last sentence that is whole. Error: `invalid_response`.
[[nodiscard]] result<std::string> prompt_from(std::string_view text, bool cut_off);

}  // namespace music::openai
