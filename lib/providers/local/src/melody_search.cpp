#include "melody_search.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace music::local {

namespace {

constexpr std::size_t beam_width = 24;

struct path {
  std::vector<int> pitches;
  int last = -1;
  int before_last = -1;
  int cost = 0;
};

/// By interval in semitones: seconds are free, a fifth is dear, the tritone and what is wider than an octave dearer.
int interval_cost(int interval) {
  static constexpr std::array<int, 13> costs{24, 0, 0, 12, 14, 22, 60, 26, 44, 44, 80, 95, 44};
  return interval <= 12 ? costs[static_cast<std::size_t>(interval)] : 140;
}

class pitch_chooser {
 public:
  pitch_chooser(const phrase_task& task, std::span<const harmony> chords) : task_{task}, chords_{chords} {}

  std::vector<int> run(int before) {
    std::vector<path> beam{{{}, before, -1, 0}};
    for (std::size_t i = 0; i < task_.slots.size(); ++i) {
      beam = extend(beam, i);
    }
    return beam.front().pitches;
  }

 private:
  std::vector<path> extend(const std::vector<path>& beam, std::size_t index) const {
    const auto& slot = task_.slots[index];
    const auto& chord = chords_[chord_at(chords_, slot.start)];
    const int target = move_in_scale(task_.anchor, slot.degree, chord.scale);
    std::vector<path> next;
    for (int pitch = task_.lowest; pitch <= task_.highest; ++pitch) {
      if (!chord.scale.contains(pitch)) {
        continue;
      }
      const int standing = standing_cost(slot, chord, pitch, target) + ending_cost(index, pitch);
      for (const auto& p : beam) {
        next.push_back(p);
        next.back().pitches.push_back(pitch);
        next.back().before_last = p.last;
        next.back().last = pitch;
        next.back().cost += standing + (p.last < 0 ? 0 : motion_cost(p, pitch));
      }
    }
    std::sort(next.begin(), next.end(), [](const path& a, const path& b) {
      return a.cost != b.cost ? a.cost < b.cost : a.pitches < b.pitches;  // a total order: the same on every machine
    });
    next.resize(std::min(next.size(), beam_width));
    return next;
  }

  /// What a pitch costs by itself: away from the contour, against the chord, at the edge of the compass.
  [[nodiscard]] int standing_cost(const pitch_slot& slot, const harmony& chord, int pitch, int target) const {
    int cost = 5 * std::abs(pitch - target);
    const bool is_long = slot.length >= ticks_per_beat;
    if (!chord.tones.contains(pitch)) {
      cost += slot.strength == 2 ? 54 : slot.strength == 1 ? 18 : 4;
      cost += is_long ? 28 : 0;
      // A semitone above a chord tone rubs against it for as long as it lasts.
      cost += chord.tones.contains(pitch - 1) && slot.length > ticks_per_step ? 50 : 0;
    } else {
      // A semitone below another chord tone (the seventh under the root) is part of the colour, but a lesser choice.
      cost += chord.tones.contains(pitch + 1) && is_long ? 12 : 0;
    }
    const auto after = chord_at(chords_, slot.start + slot.length - 1);
    if (!chords_[after].tones.contains(pitch) && chords_[after].start > slot.start) {
      cost += 40;  // held into a chord that it does not belong to
    }
    const int edge = std::min(pitch - task_.lowest, task_.highest - pitch);
    return cost + (edge < 3 ? 6 * (3 - edge) : 0);
  }

  [[nodiscard]] int ending_cost(std::size_t index, int pitch) const {
    if (index + 1 != task_.slots.size()) {
      return 0;
    }
    const int degree = pitch_class(pitch - task_.tonic);
    if (task_.slots[index].final) {
      return degree == 0 ? 0 : 500;
    }
    switch (task_.ending) {
      case cadence_goal::open: return degree == 7 || degree == 2 ? 0 : degree == 0 ? 50 : 25;
      case cadence_goal::closed: return degree == 0 ? 0 : degree == 4 || degree == 3 ? 12 : 50;
      case cadence_goal::none: break;
    }
    return 0;
  }

  /// What it costs to come here: small steps, leaps that turn back, no note hammered.
  [[nodiscard]] static int motion_cost(const path& p, int pitch) {
    const int move = pitch - p.last;
    int cost = interval_cost(std::abs(move));
    if (p.before_last < 0) {
      return cost;
    }
    const int earlier = p.last - p.before_last;
    if (std::abs(earlier) >= 5 && (move == 0 || (move > 0) == (earlier > 0) || std::abs(move) > 4)) {
      cost += 26;
    }
    if (move == 0 && earlier == 0) {
      cost += 45;
    }
    if (std::abs(move) <= 4 && move == -earlier && p.pitches.size() >= 3 && p.pitches[p.pitches.size() - 3] == p.last) {
      cost += 22;  // to and fro between two notes
    }
    return cost;
  }

  const phrase_task& task_;
  std::span<const harmony> chords_;
};

}  // namespace

std::vector<int> choose_pitches(const phrase_task& task, std::span<const harmony> chords, int before) {
  return pitch_chooser{task, chords}.run(before);
}

}  // namespace music::local
