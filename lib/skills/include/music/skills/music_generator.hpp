#pragma once

/// Skill 2, the Suno music generator: a prompt becomes audio files. Works with any music provider.

#include <music/async/deadline.hpp>
#include <music/core/ports.hpp>
#include <music/skills/retrying.hpp>
#include <music/skills/upstream_gate.hpp>

#include <memory>
#include <span>

namespace music {

/// A song that is ready at the provider.
struct finished_song {
  std::vector<remote_track> tracks;  ///< at least one
  std::string id{};  ///< what was polled; empty: a link that turns out dead is not asked for again
};

/// Hears that an unfinished song can be listened to.
class preview_listener {
 public:
  virtual ~preview_listener() = default;

  /// Called with every new address of the preview; polling goes on when it has completed.
  [[nodiscard]] virtual task<void> playable(std::string preview) = 0;
};

/// Submits, polls by timer and fetches, each on its own, so that the caller can make each outcome durable before the next
/// begins. One for each shard; not thread-safe. No thread is blocked anywhere.
class music_generator {
 public:
  virtual ~music_generator() = default;

  /// The configured providers in the order in which they are to be tried. Never empty.
  [[nodiscard]] virtual std::span<const std::unique_ptr<music_provider>> providers() const noexcept = 0;

  /// Null if no provider of that name is configured.
  [[nodiscard]] virtual music_provider* find(std::string_view provider) const noexcept = 0;

  /// Waits until a song may be asked of the provider: before its submission is even intended. The turn is to be held until
  /// the song is ready or lost; a provider without a gate gives an empty one. Errors: those of `upstream_gate::enter`.
  [[nodiscard]] virtual task<result<turn>> await_turn(const music_provider& provider, turn_request who, time_point deadline,
                                                      event* stop) = 0;

  /// Sends the submission; again only while nothing was sent, or while a documented answer says that nothing was taken and
  /// that waiting helps: at most four times in all. Cannot be stopped: cutting it off would make its outcome unknown.
  /// Await it with cancellation disabled, and enable that again only when the outcome is committed.
  [[nodiscard]] virtual task<submission> submit(music_provider& provider, song_request request, time_point deadline) = 0;

  /// Polls until the song is complete, counting into `polls`, which must outlive the call as `previews` must; that may be
  /// null. Errors: those of `music_provider::poll` (after four lost polls in a row), `generation_failed`, `content_rejected`,
  /// `generation_timeout`, `deadline_exceeded`, `canceled`.
  [[nodiscard]] virtual task<result<finished_song>> follow(music_provider& provider, std::string song_id, std::int64_t& polls,
                                                           time_point deadline, event* stop,
                                                           preview_listener* previews = nullptr) = 0;

  /// Fetches every track into the audio store. Success means: bytes were fetched, recognised as audio, and are durable; how
  /// long a track plays is read from its bytes where they tell. A link that stays dead is renewed by another poll. If one of
  /// several tracks cannot be had the others are given. Errors: `result_unavailable`, `timeout`, `request_error`,
  /// `store_unavailable`, `deadline_exceeded`, `canceled`.
  [[nodiscard]] virtual task<result<std::vector<track>>> fetch(music_provider& provider, finished_song song, job_id owner,
                                                               time_point deadline, event* stop) = 0;
};

/// `providers` must not be empty; store, clock, randomness and gates must outlive it.
[[nodiscard]] std::unique_ptr<music_generator> create_music_generator(std::vector<std::unique_ptr<music_provider>> providers,
                                                                      audio_store& audio, clock& clock, random_source& random,
                                                                      retry_policy retries = {}, find_gate gates = {});

}  // namespace music
