#pragma once

/// Everything in this program that asks an upstream for a song or a prompt, before one scripted upstream.

#include "fake_upstream.hpp"

#include <music/core/ports.hpp>
#include <music/net/http_client.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace music::test {

/// What a provider or a writer is made of.
struct surroundings {
  net::url base;
  net::http_client& client;
  audio_store& audio;
  music::clock& time;
  std::chrono::seconds timeout;  ///< of one call
};

/// A music service, or one of the ways to ask it. Its requests go below a path of its own: "/<name>".
struct music_subject {
  std::string name;
  std::string purchase;  ///< the path below that of the request that may cost money
  std::string song;      ///< an id as the service gives them
  std::string taken;     ///< how it says that a submission was taken; `$id` stands for the id as JSON
  std::function<std::unique_ptr<music_provider>(surroundings)> make;
  bool direct = false;   ///< the answer to a submission is the song: nobody outside is asked for it again
  bool resends = false;  ///< an open submission is sent again after a second, under the key of the first
  errc not_found = errc::song_unknown;  ///< what a 404 to a poll tells
};

struct writer_subject {
  std::string name;
  std::function<std::unique_ptr<prompt_writer>(surroundings)> make;
};

/// All of them.
[[nodiscard]] const std::vector<music_subject>& music_subjects();
[[nodiscard]] const std::vector<writer_subject>& writer_subjects();

/// Whose request it is; null for a writer's.
[[nodiscard]] const music_subject* asker_of(const upstream_request& request);

/// What came of one submission, one poll and one download at a service.
struct music_outcome {
  submission bought;
  result<song_status> polled = error{errc::internal};
  result<audio_format> fetched = error{errc::internal};
  std::size_t bytes_kept = 0;   ///< of the download
  std::size_t purchases = 0;    ///< requests that may have cost money
  std::size_t other_gets = 0;   ///< polls and downloads
};

/// Time enough for answers that come; what never comes needs less.
inline constexpr std::chrono::seconds long_patience{20};

/// Asks for everything at once, on connections of this bench only.
class fault_bench {
 public:
  /// `handler` answers all requests but the one for which "fal-result" has to hear that the song is finished.
  explicit fault_bench(upstream_handler handler);
  ~fault_bench();

  /// In the order of `music_subjects`. `patience` is the deadline. Services whose answer is the song wait as long, and have a later
  /// deadline, which lets them begin; those that send again have one that lets them send once.
  [[nodiscard]] std::vector<music_outcome> ask_for_music(std::chrono::seconds patience = long_patience);

  /// In the order of `writer_subjects`.
  [[nodiscard]] std::vector<result<written_prompt>> ask_for_prompts(std::chrono::seconds patience = long_patience);

  [[nodiscard]] fake_upstream& upstream() noexcept;

  /// Whether no connection is open any more once those that are idle are closed.
  [[nodiscard]] bool leaves_nothing_open();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace music::test
