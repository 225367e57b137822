#pragma once

/// Songs that came with the answer to their submission, until they are tracks of their job.

#include <music/core/ports.hpp>

#include <map>
#include <string>
#include <vector>

namespace music::upstream {

/// A song as its provider answered with it.
struct received_song {
  std::string bytes;
  audio_format format = audio_format::mp3;
  std::string title{};
  double duration_seconds = 0;  ///< 0: unknown
};

/// Puts such songs into the audio store at once, because they were paid for and cannot be asked for again. The song's id is
/// the file's key there: whoever knows the id, a later process too, finds the song. Words that came with it are remembered in
/// memory only. One for each provider and shard; not thread-safe. Store and clock must outlive it.
class kept_songs {
 public:
  kept_songs(audio_store& audio, clock& clock) : audio_(audio), clock_(clock) {}

  /// Makes the song durable and gives its id. While the store is away it is tried again, until `deadline`: then
  /// `store_unavailable`, and the song is lost. Must not be cancelled.
  [[nodiscard]] task<result<std::string>> keep(job_id owner, received_song song, time_point deadline);

  /// The song, complete. Errors: `song_unknown`, `store_unavailable` (transient).
  [[nodiscard]] task<result<song_status>> look(std::string song_id);

  /// The id of a song that was kept for the job although nobody heard of it any more: the process ended in between. While the
  /// store is away it is asked again, until `deadline`. Error: `submission_unknown`.
  [[nodiscard]] task<result<std::string>> find(job_id owner, time_point deadline);

 private:
  [[nodiscard]] task<result<stored_audio>> store(job_id owner, const std::string& bytes);
  [[nodiscard]] task<result<held_audio>> examine(std::string key);

  audio_store& audio_;
  clock& clock_;
  std::map<std::string, remote_track> known_;  ///< by song id; a song is forgotten when it has been looked at
};

}  // namespace music::upstream
