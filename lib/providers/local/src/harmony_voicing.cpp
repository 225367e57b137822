/// The exhaustive search for the smoothest voicing. A compass of two octaves holds about eight chord tones, so that
/// "all of them" is some seventy voicings a chord.

#include "harmony.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace music::local {

namespace {

/// How much a chord needs one of its tones: the third and the seventh name it, the bass has the root already.
int importance(int interval) {
  switch (interval) {
    case 2:
    case 3:
    case 4:
    case 5: return 6;
    case 10:
    case 11:
    case 9: return 5;
    case 13:
    case 14: return 4;
    case 6:
    case 8: return 4;
    case 0: return 3;
    case 7: return 2;
    default: return 1;
  }
}

/// The tones that the voicing must contain: as many as there are voices, the most telling first.
pitch_set essential_tones(const harmony& h, int voices) {
  auto intervals = h.intervals;
  std::sort(intervals.begin(), intervals.end(),
            [](int a, int b) { return importance(a) != importance(b) ? importance(a) > importance(b) : a < b; });
  pitch_set tones;
  for (std::size_t i = 0; i < intervals.size() && static_cast<int>(i) < voices; ++i) {
    tones.insert(h.root + intervals[i]);
  }
  return tones;
}

class voicing_search {
 public:
  voicing_search(const harmony& chord, voicing_rules rules, pitch_set required, const voicing& before, int centre)
      : chord_{chord}, rules_{rules}, required_{required}, before_{before}, centre_{centre} {}

  voicing best() {
    extend(rules_.lowest, required_);
    return best_;
  }

 private:
  void extend(int from, pitch_set missing) {
    const int left = rules_.voices - static_cast<int>(current_.size());
    if (missing.size() > left) {
      return;
    }
    if (left == 0) {
      judge();
      return;
    }
    for (int pitch = from; pitch <= rules_.highest; ++pitch) {
      // A chord with more tones than voices is spelled with its telling tones only.
      if (!required_.contains(pitch) && (required_.size() >= rules_.voices || !chord_.tones.contains(pitch))) {
        continue;
      }
      auto still_missing = missing;
      still_missing.erase(pitch);
      current_.push_back(pitch);
      extend(pitch + 1, still_missing);
      current_.pop_back();
    }
  }

  void judge() {
    int cost = 0;
    int sum = 0;
    for (std::size_t i = 0; i < current_.size(); ++i) {
      sum += current_[i];
      if (before_.size() == current_.size()) {
        cost += 4 * std::abs(current_[i] - before_[i]);
      }
      if (i > 0) {
        cost += spacing_cost(current_[i - 1], current_[i] - current_[i - 1]);
      }
    }
    const int count = static_cast<int>(current_.size());
    cost += (before_.empty() ? 6 : 2) * std::abs(sum - centre_ * count) / count;
    if (cost < best_cost_) {
      best_cost_ = cost;
      best_ = current_;
    }
  }

  /// Close intervals turn to mud when low, seconds rub, and wide gaps fall apart.
  static int spacing_cost(int lower, int gap) {
    if (gap == 1) {
      return 14;
    }
    if (gap < 5 && lower < 50) {
      return 10;
    }
    return gap > 9 ? 3 * (gap - 9) : 0;
  }

  const harmony& chord_;
  voicing_rules rules_;
  pitch_set required_;
  const voicing& before_;
  int centre_;
  voicing current_;
  voicing best_;
  int best_cost_ = std::numeric_limits<int>::max();
};

voicing voice_chord(const harmony& h, voicing_rules rules, const voicing& before, int centre) {
  for (int essential = rules.voices; essential >= 0; --essential) {
    auto found = voicing_search{h, rules, essential_tones(h, essential), before, centre}.best();
    if (!found.empty()) {
      return found;
    }
  }
  // A compass too narrow for so many voices still holds the root, at worst just above it.
  int pitch = rules.lowest;
  while (pitch_class(pitch) != h.root) {
    ++pitch;
  }
  return {pitch};
}

}  // namespace

std::vector<voicing> lead_voices(std::span<const harmony> chords, voicing_rules rules, const song_plan& plan) {
  std::vector<voicing> result;
  result.reserve(chords.size());
  voicing before;
  for (const auto& h : chords) {
    const auto& s = plan.sections[h.section];
    // Fuller sections sit higher, and each return lies a little differently, so that inversions vary.
    const int shift = (s.energy >= 75 ? 2 : 0) + (s.nth % 2 == 1 ? -1 : 0) + s.lift;
    const int centre = std::clamp((rules.lowest + rules.highest) / 2 + shift, rules.lowest, rules.highest);
    before = voice_chord(h, rules, before, centre);
    result.push_back(before);
  }
  return result;
}

}  // namespace music::local
