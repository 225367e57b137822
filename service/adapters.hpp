#pragma once

/// What reaches the outside, made of the configuration: one prompt writer and the music providers of a shard.

#include "config.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/task_group.hpp>
#include <music/core/audio.hpp>
#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/suno/song_inbox.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace music::service {

/// What adapters work with. All of it must outlive them; all but `audio` and `renders`, which are thread-safe, is one shard's.
struct adapter_parts {
  music::clock& clock;
  net::http_client& client;
  audio_store& audio;
  blocking_pool& renders;
  task_group& upkeep;
  std::shared_ptr<openai_habits> openai;  ///< what all shards learn of the writer's server
  song_inbox* song_news = nullptr;        ///< null: nobody calls back
};

/// Secrets do not copy by themselves; each shard's adapter gets one of its own.
[[nodiscard]] secret copy_of(const secret& original);

[[nodiscard]] std::unique_ptr<prompt_writer> make_writer(const config& settings, const adapter_parts& parts);

/// Those that songs are asked of, in their order; `remote` alone if another process makes the music.
[[nodiscard]] std::vector<std::unique_ptr<music_provider>> make_providers(const config& settings, const adapter_parts& parts);

/// `name` is one of `provider_names`. One that is not configured can be asked what it is, and nothing else.
[[nodiscard]] std::unique_ptr<music_provider> make_provider(std::string_view name, const config& settings,
                                                            const adapter_parts& parts);

/// Whether `make_providers` makes one that listens in `song_news`.
[[nodiscard]] bool wants_song_news(const config& settings);

/// What GET /metrics calls the services that are configured.
[[nodiscard]] std::map<net::origin, std::string> names_of_apis(const config& settings);

}  // namespace music::service
