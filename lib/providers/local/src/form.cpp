#include "form.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace music::local {

namespace {

constexpr double least_ring_seconds = 1.6;
constexpr double tempo_tolerance = 0.035;
constexpr double silence_after_last_note = 0.35;

/// A long piece may go through the body of its form again.
constexpr int most_rounds = 3;
constexpr int cost_of_a_round = 6;

/// Tempo factors of the last beats before the last chord.
constexpr std::array<double, 4> slowing{0.96, 0.91, 0.85, 0.77};

struct length_choice {
  int bars;
  int cost;
};

constexpr std::array<length_choice, 4> intro_lengths{{{4, 0}, {2, 5}, {8, 14}, {1, 30}}};
constexpr std::array<length_choice, 5> body_lengths{{{8, 0}, {4, 16}, {16, 18}, {2, 45}, {1, 80}}};
constexpr std::array<length_choice, 4> middle_lengths{{{4, 2}, {8, 0}, {2, 25}, {1, 50}}};
constexpr std::array<length_choice, 5> outro_lengths{{{4, 0}, {5, 2}, {3, 6}, {2, 10}, {1, 25}}};

/// One way to fill the time.
struct candidate {
  std::string letters;
  int intro = 0, verse = 0, chorus = 0, middle = 0, outro = 0;
  double bpm = 0;
  double ring = 0;
  double cost = std::numeric_limits<double>::max();
};

int bars_of(char letter, const candidate& c) {
  switch (letter) {
    case 'I': return c.intro;
    case 'A': return c.verse;
    case 'B': return c.chorus;
    case 'O': return c.outro;
    default: return c.middle;
  }
}

double beats_lost_to(bool ritardando) {
  double beats = 0;
  if (ritardando) {
    for (const double factor : slowing) {
      beats += 1 / factor - 1;
    }
  }
  return beats;
}

class form_search {
 public:
  form_search(const style& chosen, tempo_wish wish, double seconds, bool slows)
      : style_{chosen},
        wish_{wish},
        seconds_{seconds},
        lost_beats_{beats_lost_to(slows)},
        wanted_ring_{std::clamp(seconds / 12, 2.2, chosen.ring_seconds)} {}

  candidate best(rng& draw) {
    for (const auto letters : style_.forms) {
      // A little luck between forms that fit equally well, so that themes differ in form as well.
      const int luck = draw.between(0, 6);
      const auto body = letters.substr(1, letters.size() - 2);
      std::string extended = "I";
      for (int times = 0; times < most_rounds; ++times) {
        extended += body;
        try_lengths(extended + 'O', luck + cost_of_a_round * times);
      }
    }
    return best_;
  }

 private:
  void try_lengths(const std::string& letters, int luck) {
    const bool has_middle = letters.find_first_of("CD") != std::string::npos;
    for (const auto intro : intro_lengths) {
      for (const auto verse : body_lengths) {
        for (const auto chorus : body_lengths) {
          for (const auto middle : middle_lengths) {
            for (const auto outro : outro_lengths) {
              candidate c{letters, intro.bars, verse.bars, chorus.bars, has_middle ? middle.bars : 0, outro.bars};
              const int uneven = verse.bars == chorus.bars ? 0 : 3;
              c.cost = intro.cost + verse.cost + chorus.cost + outro.cost + (has_middle ? middle.cost : 4) + uneven + luck;
              consider(c);
            }
          }
        }
      }
    }
  }

  void consider(candidate& c) {
    int bars = -1;  // the last one belongs to the ring
    for (const char letter : c.letters) {
      bars += bars_of(letter, c);
    }
    const double beats = bars * style_.beats_per_bar + lost_beats_;
    const double fitting = 60 * beats / (seconds_ - wanted_ring_);
    const double tolerance = wish_.exact ? 0 : tempo_tolerance;
    c.bpm = std::clamp(fitting, wish_.bpm * (1 - tolerance), wish_.bpm * (1 + tolerance));
    c.bpm = std::round(c.bpm * 100) / 100;
    c.ring = seconds_ - 60 * beats / c.bpm;
    const auto choruses = static_cast<int>(std::count(c.letters.begin(), c.letters.end(), 'B'));
    c.cost += choruses * c.chorus * 4 < bars ? 12 : 0;  // what people wait for deserves a quarter of the piece
    if (c.ring < least_ring_seconds) {
      c.bpm = std::ceil(6000 * beats / (seconds_ - least_ring_seconds)) / 100;
      c.ring = seconds_ - 60 * beats / c.bpm;
      c.cost += 2000;  // only where nothing fits at the tempo that was wished for
    }
    c.cost += 300 * std::abs(c.bpm / wish_.bpm - 1) + 14 * std::abs(c.ring - wanted_ring_);
    if (c.cost < best_.cost) {
      best_ = c;
    }
  }

  const style& style_;
  tempo_wish wish_;
  double seconds_;
  double lost_beats_;
  double wanted_ring_;
  candidate best_;
};

section_kind kind_of(char letter) {
  switch (letter) {
    case 'I': return section_kind::intro;
    case 'A': return section_kind::verse;
    case 'B': return section_kind::chorus;
    case 'C': return section_kind::bridge;
    case 'D': return section_kind::breakdown;
    default: return section_kind::outro;
  }
}

int energy_of(section_kind kind, int nth, bool last) {
  switch (kind) {
    case section_kind::intro: return 40;
    case section_kind::verse: return std::min(50 + 7 * nth, 62);
    case section_kind::chorus: return last ? 95 : std::min(80 + 6 * nth, 90);
    case section_kind::bridge: return 62;
    case section_kind::breakdown: return 34;
    case section_kind::outro: return 44;
  }
  return 50;
}

std::vector<planned_section> lay_out(const candidate& c) {
  std::vector<planned_section> sections;
  std::array<int, 6> seen{};
  int bar = 0;
  for (std::size_t i = 0; i < c.letters.size(); ++i) {
    planned_section s;
    s.kind = kind_of(c.letters[i]);
    s.first_bar = bar;
    s.bars = bars_of(c.letters[i], c);
    s.nth = seen[static_cast<std::size_t>(s.kind)]++;
    s.last_of_kind = c.letters.find(c.letters[i], i + 1) == std::string::npos;
    s.energy = energy_of(s.kind, s.nth, s.last_of_kind && s.nth > 0);
    bar += s.bars;
    sections.push_back(s);
  }
  return sections;
}

/// The last chorus and what follows it a tone higher, where the style likes that and the ear has had time to settle.
void lift_last_chorus(std::vector<planned_section>& sections, int semitones) {
  bool lifted = false;
  for (auto& s : sections) {
    lifted = lifted || (s.kind == section_kind::chorus && s.last_of_kind && s.nth >= 2);
    s.lift = lifted ? semitones : 0;
  }
}

void write_tempo(song_plan& plan, bool slows) {
  plan.tempo.push_back({0, plan.bpm});
  if (!slows) {
    return;
  }
  const int final_beat = plan.final_bar() * plan.beats_per_bar;
  for (std::size_t i = 0; i < slowing.size(); ++i) {
    plan.tempo.push_back({static_cast<double>(final_beat - static_cast<int>(slowing.size() - i)), plan.bpm * slowing[i]});
  }
  plan.tempo.push_back({static_cast<double>(final_beat), plan.bpm});
}

}  // namespace

std::size_t song_plan::section_at(int bar) const {
  std::size_t found = 0;
  while (found + 1 < sections.size() && sections[found + 1].first_bar <= bar) {
    ++found;
  }
  return found;
}

int song_plan::energy_at(int bar) const {
  const auto index = section_at(bar);
  const auto& s = sections[index];
  const int into = bar - s.first_bar;
  if (s.kind == section_kind::intro) {
    return s.energy + (s.bars >= 4 && into * 2 >= s.bars ? 8 : 0);
  }
  if (s.kind == section_kind::outro) {
    return s.energy - (s.bars > 2 && into * 2 >= s.bars ? 12 : 0);
  }
  const bool rises = index + 1 < sections.size() && sections[index + 1].energy > s.energy;
  const bool last_quarter = s.bars >= 4 && into >= s.bars - std::max(1, s.bars / 4);
  return s.energy + (rises && last_quarter ? 5 : 0);
}

song_plan plan_form(const style& chosen, tempo_wish wish, double seconds, const rng_source& random) {
  auto draw = random.stream("form");
  const bool slows = chosen.ritardando && seconds >= 40;
  const auto best = form_search{chosen, wish, seconds, slows}.best(draw);
  song_plan plan;
  plan.sections = lay_out(best);
  plan.bpm = best.bpm;
  plan.seconds = seconds;
  plan.beats_per_bar = chosen.beats_per_bar;
  plan.bars = plan.sections.back().first_bar + plan.sections.back().bars;
  if (chosen.lift_semitones != 0 && draw.chance(60)) {
    lift_last_chorus(plan.sections, chosen.lift_semitones);
  }
  write_tempo(plan, slows);
  const double ring_beats = (best.ring - silence_after_last_note) * plan.bpm / 60;
  plan.last_tick = plan.final_bar() * plan.bar_ticks() + static_cast<int>(ring_beats * ticks_per_beat);
  return plan;
}

double seconds_at(double beat, const std::vector<tempo_change>& tempo) {
  double seconds = 0;
  for (std::size_t i = 0; i < tempo.size() && tempo[i].at < beat; ++i) {
    const double until = i + 1 < tempo.size() ? std::min(beat, tempo[i + 1].at) : beat;
    seconds += (until - tempo[i].at) * 60 / tempo[i].bpm;
  }
  return seconds;
}

}  // namespace music::local
