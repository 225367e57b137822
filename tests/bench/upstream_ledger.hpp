#pragma once

/// What the measured service asked of its upstreams, song by song.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace music::bench {

/// Songs are numbered by their theme, so that a second prompt or submission of the same job is seen. Single-threaded.
class upstream_ledger {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  void asked_for_prompt(std::size_t song) { ++at(song).prompts; }
  void submitted(std::size_t song) { ++at(song).submissions; }
  void downloaded() { ++downloads_; }

  /// A poll came in. Its distance from the answer to the poll before it counts as a spacing.
  void polled(std::size_t song, time_point now);
  void answered_poll(std::size_t song, time_point now) { at(song).answered = now; }

  /// Begins a new series of spacings; the counts go on.
  void mark();

  /// Counts, and the spacings since `mark` in milliseconds, as JSON. `since_mark` counts the polls of the same series.
  [[nodiscard]] std::string report();

 private:
  struct song_record {
    std::uint32_t prompts = 0;
    std::uint32_t submissions = 0;
    time_point answered{};
  };

  song_record& at(std::size_t song);
  [[nodiscard]] double percentile(double share) const;

  std::vector<song_record> songs_;
  std::vector<double> spacings_;  ///< milliseconds
  std::uint64_t polls_ = 0;
  std::uint64_t polls_before_mark_ = 0;
  std::uint64_t downloads_ = 0;
};

}  // namespace music::bench
