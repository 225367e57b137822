#pragma once

/// When each note and controller of a score sounds, in seconds: the tempo map applied, humanised, put in order.

#include "score.hpp"

#include <compare>
#include <cstdint>
#include <vector>

namespace music::local {

/// Turns beats into seconds. A score without a tempo change runs at `score::bpm`.
class tempo_map {
 public:
  explicit tempo_map(const score& piece);

  [[nodiscard]] double seconds_at(double beat) const noexcept;

 private:
  struct segment {
    double beat;
    double seconds;
    double seconds_per_beat;
  };
  std::vector<segment> segments_;
};

/// The order of the kinds is the order at one time: what ends makes room before what begins.
enum class synth_event_kind : std::uint8_t { note_off, control, note_on };

struct synth_event {
  double seconds = 0;
  synth_event_kind kind{};
  std::uint16_t part = 0;
  std::uint8_t number = 0;  ///< key or controller
  std::uint8_t value = 0;   ///< velocity or controller value

  friend auto operator<=>(const synth_event&, const synth_event&) = default;
};

/// Every event of the score, sorted by time and kind. A note ends where the same key of its part begins again,
/// because a MIDI note-off could not tell the two apart. Notes of parts that the score does not have are left out.
[[nodiscard]] std::vector<synth_event> timeline_of(const score& piece);

}  // namespace music::local
