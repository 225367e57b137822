#pragma once

/// Prompts that need not be written twice.

#include <music/base/hash.hpp>
#include <music/skills/prompt_generator.hpp>

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace music {

/// Written prompts by what was asked for. In memory only: it is never on disk, and ends with the process. Shared by all
/// shards; thread-safe. What was kept longer than `ttl` ago is not found; past `most_prompts` the one that was used longest
/// ago goes. A prompt is a kilobyte or, with lyrics, a few.
class prompt_cache {
 public:
  explicit prompt_cache(std::chrono::seconds ttl, std::size_t most_prompts = 1000) : ttl_(ttl), most_prompts_(most_prompts) {}

  [[nodiscard]] std::optional<written_prompt> find(const sha256_digest& asked, time_point now);

  /// Replaces what was kept for the same request.
  void keep(const sha256_digest& asked, written_prompt prompt, time_point now);

  [[nodiscard]] std::size_t size() const;

 private:
  struct entry {
    sha256_digest asked;
    written_prompt prompt;
    time_point ends_at;
  };
  using entries = std::list<entry>;

  void forget(entries::iterator old);

  std::chrono::seconds ttl_;
  std::size_t most_prompts_;
  mutable std::mutex mutex_;
  entries recent_;  ///< the one used last comes first
  std::map<sha256_digest, entries::iterator> by_request_;
};

/// Gives the prompt of an equal request if the cache has one: `cached` is true then and `tokens_used` 0. Requests are equal
/// when theme, tags, style, lyrics, `instrumental` and `writer` are: `writer` names the model and the version of what it is
/// told. Failures are not kept. One for each shard; not thread-safe. Cache and clock must outlive it.
[[nodiscard]] std::unique_ptr<prompt_generator> create_cached_prompt_generator(std::unique_ptr<prompt_generator> inner,
                                                                               prompt_cache& cache, std::string writer,
                                                                               clock& clock);

}  // namespace music
