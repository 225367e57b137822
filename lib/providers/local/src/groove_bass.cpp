/// The bass: roots where chords begin, the pattern's idea of the rest in between.

#include "groove.hpp"

#include <algorithm>
#include <cstdlib>

namespace music::local {

namespace {

class bass_player {
 public:
  bass_player(const stage& on, const part_style& part, std::size_t index)
      : on_{on}, part_{part}, index_{index}, draw_{on.random.stream("bass", static_cast<int>(index))} {}

  std::vector<played_note> run() {
    for (int bar = 0; bar < on_.plan.final_bar(); ++bar) {
      if (plays_in(part_, on_.plan, bar)) {
        play_bar(bar);
      }
    }
    if (plays_last_chord(part_)) {
      const int start = on_.plan.final_bar() * on_.plan.bar_ticks();
      notes_.push_back({start, on_.plan.last_tick - start, root_near(on_.chords.back()), 92, 0});
    }
    return std::move(notes_);
  }

 private:
  void play_bar(int bar) {
    std::size_t chord_before = on_.chords.size();
    for (const auto& h : hits_in(on_, pattern_for(on_, part_, index_, bar), bar)) {
      const auto index = chord_at(on_.chords, h.start);
      const auto& chord = on_.chords[index];
      // Whatever the pattern says, the first note of a new chord is its root.
      const char symbol = index != chord_before && h.symbol != 'R' ? 'r' : h.symbol;
      chord_before = index;
      const int pitch = pitch_of(symbol, chord, index);
      notes_.push_back({h.start, std::min(h.length, chord.end() - h.start), pitch, force_of(symbol), 0});
      last_ = pitch;
    }
  }

  /// The root in the lowest octave of the compass.
  [[nodiscard]] int root_near(const harmony& chord) const { return part_.lowest + pitch_class(chord.root - part_.lowest); }

  /// The chord's tone at about `interval` above the root, below it if the compass ends.
  [[nodiscard]] int tone(const harmony& chord, std::initializer_list<int> intervals) const {
    const int root = root_near(chord);
    for (const int interval : intervals) {
      if (chord.tones.contains(root + interval)) {
        return root + interval <= part_.highest       ? root + interval
               : root + interval - 12 >= part_.lowest ? root + interval - 12
                                                      : root;
      }
    }
    return root;
  }

  int pitch_of(char symbol, const harmony& chord, std::size_t index) {
    switch (symbol) {
      case 'o': return root_near(chord) + 12 <= part_.highest ? root_near(chord) + 12 : root_near(chord);
      case '5': return tone(chord, {7, 6, 8});
      case '3': return tone(chord, {4, 3, 5, 2});
      case '7': return tone(chord, {10, 11, 9, 7});
      case 'w': return walk(chord, index);
      case 'n': return approach(chord, index);
      default: return root_near(chord);
    }
  }

  [[nodiscard]] int next_root(std::size_t index) const {
    return root_near(on_.chords[std::min(index + 1, on_.chords.size() - 1)]);
  }

  /// On the way to the next root by chord tones and scale steps, never the same note twice.
  int walk(const harmony& chord, std::size_t index) {
    const int goal = next_root(index);
    int best = root_near(chord);
    int best_cost = 1000;
    for (int pitch = part_.lowest; pitch <= part_.highest; ++pitch) {
      const int step = std::abs(pitch - last_);
      if (step == 0 || step > 7 || !chord.scale.contains(pitch)) {
        continue;
      }
      const int cost = (chord.tones.contains(pitch) ? 0 : 3) + std::abs(step - 3) + std::abs(pitch - goal) / 3 + draw_.below(4);
      if (cost < best_cost) {
        best_cost = cost;
        best = pitch;
      }
    }
    return best;
  }

  /// The scale tone next to the next root, from the side on which we are.
  int approach(const harmony& chord, std::size_t index) {
    const int goal = next_root(index);
    const int side = last_ > goal || goal - 2 < part_.lowest ? 1 : -1;
    for (const int distance : {2, 1, 3}) {
      if (chord.scale.contains(goal + side * distance)) {
        return goal + side * distance;
      }
    }
    return root_near(chord);
  }

  static int force_of(char symbol) {
    switch (symbol) {
      case 'R': return 104;
      case 'r': return 96;
      case 'g': return 58;
      case 'o': return 90;
      default: return 92;
    }
  }

  const stage& on_;
  const part_style& part_;
  std::size_t index_;
  rng draw_;
  int last_ = 40;
  std::vector<played_note> notes_;
};

}  // namespace

std::vector<played_note> play_bass(const stage& on, const part_style& part, std::size_t index) {
  return bass_player{on, part, index}.run();
}

}  // namespace music::local
