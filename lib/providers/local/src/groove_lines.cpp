/// Single lines: the tune itself, its shadow, its echo, and the thread through the chords.

#include "groove.hpp"

#include <algorithm>
#include <cstdlib>

namespace music::local {

namespace {

/// Whole octaves that bring the tune's compass nearest to the part's.
int octave_shift(const stage& on, const part_style& part) {
  const int difference = (part.lowest + part.highest) - (on.chosen.melody.lowest + on.chosen.melody.highest);
  return 12 * ((difference + (difference >= 0 ? 12 : -12)) / 24);
}

int into_compass(int pitch, const part_style& part) {
  while (pitch < part.lowest) {
    pitch += 12;
  }
  while (pitch > part.highest) {
    pitch -= 12;
  }
  return pitch;
}

bool takes(const stage& on, const part_style& part, const tune_note& n) {
  const int bar = n.start / on.plan.bar_ticks();
  return bar == on.plan.final_bar() ? plays_last_chord(part) : plays_in(part, on.plan, bar);
}

/// A third or a sixth below that the chord and the scale agree with; 0 if there is none.
int shadow_of(const tune_note& n, const harmony& chord, const part_style& part) {
  int best = 0;
  int best_cost = 1000;
  for (const int interval : {3, 4, 8, 9, 5}) {
    const int pitch = n.pitch - interval;
    if (pitch < part.lowest || pitch > part.highest || !chord.scale.contains(pitch)) {
      continue;
    }
    const int cost = (chord.tones.contains(pitch) ? 0 : n.length >= ticks_per_beat ? 12 : 4) + (interval == 5 ? 6 : interval / 3);
    if (cost < best_cost) {
      best_cost = cost;
      best = pitch;
    }
  }
  return best;
}

}  // namespace

std::vector<played_note> play_lead(const stage& on, const part_style& part) {
  std::vector<played_note> notes;
  const int shift = octave_shift(on, part);
  for (const auto& n : on.tune) {
    if (takes(on, part, n)) {
      notes.push_back({n.start, n.length, into_compass(n.pitch + shift, part), 92 + n.stress, 0});
    }
  }
  return notes;
}

std::vector<played_note> play_parallel(const stage& on, const part_style& part) {
  std::vector<played_note> notes;
  for (const auto& n : on.tune) {
    const int pitch = takes(on, part, n) ? shadow_of(n, on.chords[chord_at(on.chords, n.start)], part) : 0;
    if (pitch != 0) {
      notes.push_back({n.start, n.length, pitch, 80 + n.stress, 0});
    }
  }
  return notes;
}

std::vector<played_note> play_answer(const stage& on, const part_style& part) {
  constexpr int least_gap = 5 * ticks_per_step;
  constexpr std::size_t longest_echo = 4;
  std::vector<played_note> notes;
  std::size_t opening = 0;
  for (std::size_t i = 0; i + 1 < on.tune.size(); ++i) {
    opening = on.tune[i].opens ? i : opening;
    const int gap_start = (on.tune[i].end() / (2 * ticks_per_step) + 1) * 2 * ticks_per_step;
    const int gap_end = on.tune[i + 1].start;
    if (gap_end - on.tune[i].end() < least_gap || !plays_in(part, on.plan, gap_start / on.plan.bar_ticks())) {
      continue;
    }
    int at = gap_start;
    for (std::size_t k = 0; k < longest_echo && opening + k <= i; ++k) {
      const auto& model = on.tune[opening + k];
      const int length = std::min({model.length, 2 * ticks_per_beat, gap_end - at});
      if (length < ticks_per_step || at / on.plan.bar_ticks() >= on.plan.final_bar()) {
        break;
      }
      const auto& chord = on.chords[chord_at(on.chords, at)];
      int pitch = into_compass(move_in_scale(model.pitch, 0, chord.scale), part);
      while (k == 0 && !chord.tones.contains(pitch)) {
        ++pitch;
      }
      notes.push_back({at, length, std::min(pitch, part.highest + 4), 82 - 3 * static_cast<int>(k), 0});
      at += (std::max(length, 2 * ticks_per_step) + ticks_per_step) / (2 * ticks_per_step) * 2 * ticks_per_step;
    }
  }
  return notes;
}

std::vector<played_note> play_guide(const stage& on, const part_style& part) {
  std::vector<played_note> notes;
  int before = (part.lowest + part.highest) / 2;
  for (const auto& chord : on.chords) {
    const int bar = chord.start / on.plan.bar_ticks();
    const bool last = bar == on.plan.final_bar();
    if (last ? !plays_last_chord(part) : !plays_in(part, on.plan, bar)) {
      continue;
    }
    int best = part.lowest;
    int best_cost = 1000;
    for (int pitch = part.lowest; pitch <= part.highest; ++pitch) {
      const int interval = pitch_class(pitch - chord.root);
      if (!chord.tones.contains(pitch)) {
        continue;
      }
      const bool telling = interval == 3 || interval == 4 || interval == 10 || interval == 11;
      const int move = std::abs(pitch - before);
      const int cost = 2 * move + (telling ? 0 : 4) + (move == 0 ? 3 : 0);
      if (cost < best_cost) {
        best_cost = cost;
        best = pitch;
      }
    }
    before = best;
    notes.push_back({chord.start, last ? on.plan.last_tick - chord.start : chord.length, best, 80, 0});
  }
  return notes;
}

}  // namespace music::local
