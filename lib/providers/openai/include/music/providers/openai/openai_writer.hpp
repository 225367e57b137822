#pragma once

/// The prompt writer over OpenAI's Chat Completions and servers that are compatible with it (vLLM, llama.cpp, Ollama, …).

#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace music {

/// How the answer's form is asked for, the strictest first. Each is refused by some model or server, and then the next one
/// is tried; the instructions describe the form in any case.
enum class openai_form : std::uint8_t {
  json_schema,  ///< the server holds the model to the schema: gpt-4o and later, vLLM, llama.cpp
  json_object,  ///< the server holds the model to JSON: gpt-4-turbo, older servers
  text,         ///< nothing is sent about it: gpt-4
};

/// Under which name the most tokens of an answer are told, the newest first.
enum class openai_limit : std::uint8_t { max_completion_tokens, max_tokens, none };

/// What a server has turned out to take. The writers of all shards share one, so that the way down is walked once in a
/// process. Thread-safe; it only ever goes down.
class openai_habits {
 public:
  explicit openai_habits(openai_form first = openai_form::json_schema) : form_(first) {}

  [[nodiscard]] openai_form form() const noexcept { return form_.load(std::memory_order_relaxed); }
  [[nodiscard]] openai_limit limit() const noexcept { return limit_.load(std::memory_order_relaxed); }

  /// After an answer has come. Two shards that learn at the same time may leave the better of two forms, which is then
  /// refused and learned once more.
  void learn(openai_form form, openai_limit limit) noexcept {
    if (form > this->form()) form_.store(form, std::memory_order_relaxed);
    if (limit > this->limit()) limit_.store(limit, std::memory_order_relaxed);
  }

 private:
  std::atomic<openai_form> form_;
  std::atomic<openai_limit> limit_{openai_limit::max_completion_tokens};
};

/// Grows whenever the instructions change what an equal request would get.
inline constexpr std::string_view openai_instructions_version = "song-1";

struct openai_options {
  net::url base;   ///< "/chat/completions" is joined to it, e.g. https://api.openai.com/v1
  secret key;      ///< empty: no Authorization header, as local servers want it
  std::string model = "gpt-4";
  std::chrono::seconds timeout{30};  ///< for one call, inside the caller's deadline
  int most_tokens = 4096;            ///< of one answer, hidden reasoning included
  std::shared_ptr<openai_habits> habits = std::make_shared<openai_habits>();
};

/// Asks for a whole song plan. An answer that cannot be used is given back to the model once, with what is wrong with it;
/// its tokens count too. Plain prose instead of a plan is taken as the prompt. No request is ever followed elsewhere, so
/// that the key reaches the base's origin only. Client and clock must outlive it. One for each shard; not thread-safe.
/// Cancelling closes the connection; tokens may be spent all the same.
[[nodiscard]] std::unique_ptr<prompt_writer> create_openai_writer(openai_options options, net::http_client& client, clock& clock);

}  // namespace music
