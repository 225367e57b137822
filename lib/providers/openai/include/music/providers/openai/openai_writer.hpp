#pragma once

/// The prompt writer over OpenAI's Chat Completions and servers that are compatible with it (vLLM, llama.cpp, Ollama, …).

#include <music/base/secret.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace music {

struct openai_options {
  net::url base;   ///< "/chat/completions" is joined to it, e.g. https://api.openai.com/v1
  secret key;      ///< empty: no Authorization header, as local servers want it
  std::string model = "gpt-4";
  std::chrono::seconds timeout{30};  ///< for one call, inside the caller's deadline
};

/// One request a call, never followed elsewhere, so that the key reaches the base's origin only. Client and clock must
/// outlive it. One for each shard; not thread-safe. Cancelling closes the connection; tokens may be spent all the same.
[[nodiscard]] std::unique_ptr<prompt_writer> create_openai_writer(openai_options options, net::http_client& client, clock& clock);

}  // namespace music
