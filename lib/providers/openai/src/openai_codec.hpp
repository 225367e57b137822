#pragma once

/// Chat Completions as pure functions: a request from domain words, what the model wrote from an answer.
/// Source: openai/openai-openapi 2026-08; proto-docs/providers/openai.md.

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/openai/openai_writer.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace music::openai {

/// What of a request not every server takes.
struct call_shape {
  openai_form form = openai_form::json_schema;
  openai_limit limit = openai_limit::max_completion_tokens;

  friend bool operator==(const call_shape&, const call_shape&) = default;
};

/// An answer of the model that could not be used, and a fixed sentence that says why.
struct rejected_answer {
  std::string content;
  std::string why;
};

/// The body of POST /chat/completions. After a `rejected` answer, that answer and why it cannot be used follow the wish.
[[nodiscard]] std::string encode_request(const prompt_request& request, std::string_view model, const call_shape& shape,
                                         int most_tokens, const std::optional<rejected_answer>& rejected = std::nullopt);

/// What the model wrote, as it stands.
struct completion {
  std::string content;
  bool cut_off = false;  ///< it ran out of tokens
  std::int64_t tokens_used = 0;
};

/// A whole answer, or the error that the port documents. `now` reads a Retry-After date.
[[nodiscard]] result<completion> decode_answer(const net::http_response& response, wall_time now);

/// What to try next if the answer refuses something about `tried` rather than the request itself; nothing if it does not.
/// Goes down only, so that following it ends.
[[nodiscard]] std::optional<call_shape> next_shape(const call_shape& tried, const net::http_response& response);

}  // namespace music::openai
