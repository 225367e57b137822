#include "groove.hpp"

#include <algorithm>

namespace music::local {

namespace {

/// The last chord is played at a middling energy, whatever the outro faded to.
constexpr int last_chord_energy = 52;

}  // namespace

std::vector<played_note> play_part(const stage& on, std::size_t index) {
  const auto& part = on.chosen.parts[index];
  switch (part.plays) {
    case figure::lead: return play_lead(on, part);
    case figure::parallel: return play_parallel(on, part);
    case figure::answer: return play_answer(on, part);
    case figure::guide: return play_guide(on, part);
    case figure::comp:
    case figure::strum: return play_comp(on, part, index);
    case figure::pad: return play_pad(on, part);
    case figure::arpeggio: return play_arpeggio(on, part, index);
    case figure::bass: return play_bass(on, part, index);
    case figure::drums: return play_drums(on, part, index);
  }
  return {};
}

int swung(const style& chosen, int tick) {
  const int unit = chosen.swing_steps * ticks_per_step;
  const int pair = 2 * unit;
  const int begin = tick / pair * pair;
  const int into = tick - begin;
  const int late = pair * chosen.swing_percent / 100;
  // Stretch the first half of the pair and squeeze the second; what lies between follows in proportion.
  return begin + (into <= unit ? into * late / unit : late + (into - unit) * (pair - late) / unit);
}

bool plays_in(const part_style& part, const song_plan& plan, int bar) {
  const int energy = plan.energy_at(bar);
  return bar < plan.final_bar() && energy >= part.from_energy && energy <= part.to_energy;
}

bool plays_last_chord(const part_style& part) {
  return part.from_energy <= last_chord_energy && part.to_energy >= last_chord_energy;
}

std::string_view pattern_for(const stage& on, const part_style& part, std::size_t index, int bar) {
  const int energy = on.plan.energy_at(bar);
  int tier = -1;
  for (const auto& p : part.patterns) {
    tier = p.from_energy <= energy ? std::max(tier, p.from_energy) : tier;
  }
  std::vector<std::string_view> fitting;
  for (const auto& p : part.patterns) {
    if (p.from_energy == tier || (tier < 0 && &p == &part.patterns.front())) {
      fitting.push_back(p.text);
    }
  }
  const auto& s = on.plan.sections[on.plan.section_at(bar)];
  auto draw = on.random.stream("pattern", static_cast<int>(index) * 16 + static_cast<int>(s.kind));
  const auto usual = static_cast<std::size_t>(draw.below(static_cast<int>(fitting.size())));
  // Every fourth bar may turn to another pattern of the same weight, so that four bars are not four copies.
  auto turn = on.random.stream("pattern/turn", static_cast<int>(index) * 1024 + bar);
  const bool turns = (bar - s.first_bar) % 4 == 3 && turn.chance(50);
  return fitting[turns ? (usual + 1) % fitting.size() : usual];
}

std::vector<hit> hits_in(const stage& on, std::string_view pattern, int bar) {
  const int steps = on.plan.steps_per_bar();
  const int size = static_cast<int>(pattern.size());
  const auto& s = on.plan.sections[on.plan.section_at(bar)];
  const int offset = (bar - s.first_bar) * steps % size;
  std::vector<hit> hits;
  for (int step = 0; step < steps && offset + step < size; ++step) {
    const char symbol = pattern[static_cast<std::size_t>(offset + step)];
    if (symbol == '.' || symbol == '-') {
      continue;
    }
    int length = 1;
    while (offset + step + length < size && pattern[static_cast<std::size_t>(offset + step + length)] == '-') {
      ++length;
    }
    hits.push_back({bar * on.plan.bar_ticks() + step * ticks_per_step, length * ticks_per_step, symbol});
  }
  return hits;
}

}  // namespace music::local
