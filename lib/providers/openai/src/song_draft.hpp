#pragma once

/// From what the model wrote to a prompt and a plan that satisfy the rules.

#include "openai_codec.hpp"

#include <music/core/ports.hpp>

namespace music::openai {

/// A JSON object, anywhere in the answer, becomes text and plan; prose becomes the text alone. What can be brought under the
/// rules without the model is; what the caller has said already (lyrics, instrumental) is not planned again. `model` and
/// `tokens_used` are left empty. Error: `invalid_response`, whose detail is a fixed sentence that tells the model what to do
/// better.
[[nodiscard]] result<written_prompt> read_song(const completion& answer, const prompt_request& request);

}  // namespace music::openai
