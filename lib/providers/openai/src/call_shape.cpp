#include "openai_codec.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <initializer_list>

namespace music::openai {
namespace {

constexpr std::size_t longest_complaint = 8192;

bool says(const std::string& words, std::initializer_list<std::string_view> any_of) {
  return std::any_of(any_of.begin(), any_of.end(), [&](std::string_view word) { return words.find(word) != std::string::npos; });
}

/// The room that is left is the server's default: a request that asks for more than there is, is answered without a number.
bool lacks_room(const std::string& words) { return says(words, {"context_length", "maximum context length", "context length"}); }

std::string_view name_of(openai_limit limit) {
  return limit == openai_limit::max_completion_tokens ? "max_completion_tokens" : "max_tokens";
}

/// How OpenAI, vLLM, llama.cpp, LM Studio, DeepSeek and others say that they do not take a response format; the sources are
/// in proto-docs/providers/openai.md.
bool refuses_form(const std::string& words) {
  return says(words, {"response_format", "json_schema", "json_object", "structured output", "structured_output", "grammar",
                      "guided_json", "guided decoding", "peg-native"});
}

}  // namespace

std::optional<call_shape> next_shape(const call_shape& tried, const net::http_response& response) {
  // The whole body, not its known members: some say it in a list of validation errors, some in plain text.
  const auto words = to_lower_ascii(std::string_view{response.body}.substr(0, longest_complaint));
  auto next = tried;
  if (tried.limit != openai_limit::none && lacks_room(words)) {
    next.limit = openai_limit::none;
    return next;
  }
  if (tried.limit != openai_limit::none && says(words, {name_of(tried.limit)})) {
    next.limit = tried.limit == openai_limit::max_completion_tokens ? openai_limit::max_tokens : openai_limit::none;
    return next;
  }
  if (tried.form != openai_form::text && refuses_form(words)) {
    next.form = tried.form == openai_form::json_schema ? openai_form::json_object : openai_form::text;
    return next;
  }
  return std::nullopt;
}

}  // namespace music::openai
