/// The drums: a groove for the energy of the bar, ghost notes, fills into what comes, a crash where it arrives.

#include "groove.hpp"

#include <algorithm>

namespace music::local {

namespace {

constexpr int kick_key = 36;
constexpr int side_stick_key = 37;
constexpr int snare_key = 38;
constexpr int full_energy = 60;

int force_of(char digit) { return 22 + (digit - '0') * 10; }

const drum_groove* fullest(const std::vector<drum_groove>& grooves, int energy, rng draw) {
  int tier = -1;
  std::vector<const drum_groove*> fitting;
  for (const auto& g : grooves) {
    if (g.from_energy > energy || g.from_energy < tier) {
      continue;
    }
    if (g.from_energy > tier) {
      fitting.clear();
      tier = g.from_energy;
    }
    fitting.push_back(&g);
  }
  return fitting.empty() ? nullptr : draw.pick(fitting);
}

/// The step from which a fill takes over.
int fill_start(const drum_groove& fill, int steps) {
  int first = steps;
  for (const auto& line : fill.lines) {
    const auto at = line.hits.find_first_not_of('.');
    first = at == std::string_view::npos ? first : std::min(first, static_cast<int>(at));
  }
  return first;
}

class drummer {
 public:
  drummer(const stage& on, const part_style& part, std::size_t index) : on_{on}, part_{part}, index_{static_cast<int>(index)} {}

  std::vector<played_note> run() {
    for (int bar = 0; bar < on_.plan.final_bar(); ++bar) {
      if (plays_in(part_, on_.plan, bar)) {
        play_bar(bar);
      }
    }
    finish();
    return std::move(notes_);
  }

 private:
  void play_bar(int bar) {
    const auto section_index = on_.plan.section_at(bar);
    const auto& s = on_.plan.sections[section_index];
    const int energy = on_.plan.energy_at(bar);
    const auto* groove = fullest(on_.chosen.grooves, energy, on_.random.stream("groove", static_cast<int>(s.kind)));
    if (groove == nullptr) {
      return;
    }
    const auto* fill = fill_for(bar, section_index, energy);
    const int steps = on_.plan.steps_per_bar();
    const int until = fill == nullptr ? steps : fill_start(*fill, steps);
    write(groove->lines, bar, bar - s.first_bar, 0, until);
    if (fill != nullptr) {
      write(fill->lines, bar, 0, until, steps);
    } else {
      enliven(*groove, bar);
    }
    if (bar == s.first_bar && energy >= full_energy && on_.chosen.crash_key != 0) {
      notes_.push_back({bar * on_.plan.bar_ticks(), 4 * ticks_per_beat, on_.chosen.crash_key, 92, 0});
    }
  }

  /// A fill where a section ends, and now and then where a phrase does.
  [[nodiscard]] const drum_groove* fill_for(int bar, std::size_t section_index, int energy) const {
    const auto& s = on_.plan.sections[section_index];
    auto draw = on_.random.stream("fill", bar);
    const int left = s.first_bar + s.bars - 1 - bar;
    const bool ends_section = left == 0 && s.bars > 1 && section_index + 1 < on_.plan.sections.size();
    const bool ends_phrase = left > 0 && (bar - s.first_bar) % 4 == 3 && draw.chance(40);
    if (!ends_section && !ends_phrase) {
      return nullptr;
    }
    return fullest(on_.chosen.fills, ends_section ? energy : energy / 2, draw);
  }

  void write(const std::vector<drum_line>& lines, int bar, int bar_in_section, int from, int until) {
    const int steps = on_.plan.steps_per_bar();
    for (const auto& line : lines) {
      const int offset = bar_in_section * steps % static_cast<int>(line.hits.size());
      for (int step = from; step < until; ++step) {
        const char digit = line.hits[static_cast<std::size_t>(offset + step)];
        if (digit != '.') {
          notes_.push_back(
              {bar * on_.plan.bar_ticks() + step * ticks_per_step, ticks_per_step, line.key, force_of(digit), line.late_ms});
        }
      }
    }
  }

  /// A ghosted snare or a light kick somewhere off the beat.
  void enliven(const drum_groove& groove, int bar) {
    auto draw = on_.random.stream("ghost", bar * 16 + index_);
    if (!draw.chance(on_.chosen.liveliness)) {
      return;
    }
    const int step = 2 * draw.below(on_.plan.steps_per_bar() / 2) + 1;
    for (const auto& line : groove.lines) {
      const bool ghostable = line.key == snare_key || line.key == side_stick_key || (line.key == kick_key && draw.chance(40));
      if (ghostable) {
        notes_.push_back({bar * on_.plan.bar_ticks() + step * ticks_per_step, ticks_per_step, line.key, 46, line.late_ms});
        return;
      }
    }
  }

  /// The last chord is struck, if the drums were still there.
  void finish() {
    const int bar = on_.plan.final_bar();
    if (bar == 0 || !plays_in(part_, on_.plan, bar - 1) || on_.chosen.crash_key == 0) {
      return;
    }
    const int start = bar * on_.plan.bar_ticks();
    notes_.push_back({start, ticks_per_beat, kick_key, 88, 0});
    notes_.push_back({start, on_.plan.last_tick - start, on_.chosen.crash_key, 80, 0});
  }

  const stage& on_;
  const part_style& part_;
  int index_;
  std::vector<played_note> notes_;
};

}  // namespace

std::vector<played_note> play_drums(const stage& on, const part_style& part, std::size_t index) {
  return drummer{on, part, index}.run();
}

}  // namespace music::local
