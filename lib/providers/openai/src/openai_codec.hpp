#pragma once

/// Chat Completions as pure functions: a request from domain words, domain words from an answer.
/// Source: openai/openai-openapi 2026-08; proto-docs/providers/openai.md.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <string>
#include <string_view>

namespace music::openai {

/// The body of POST /chat/completions: `model` and `messages`, nothing that one of the compatible servers refuses. The
/// theme and all that came with it stand as one JSON document in a fence inside the user message, never in the system's.
[[nodiscard]] std::string encode_request(const prompt_request& request, std::string_view model);

/// A whole answer: the prompt, or the error that the port documents. `model` is what was asked for; the answer's own word
/// for it is not taken over. `now` reads a Retry-After date.
[[nodiscard]] result<written_prompt> decode_answer(const net::http_response& response, std::string_view model, wall_time now);

}  // namespace music::openai
