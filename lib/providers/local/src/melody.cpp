#include "melody.hpp"

#include "melody_motif.hpp"
#include "melody_search.hpp"

#include <algorithm>

namespace music::local {

namespace {

/// The material of one kind of section.
struct material {
  motif main;
  motif contrast;
  std::string_view open_cadence;
  std::string_view closed_cadence;
  int plan = 0;
  int drift = 1;  ///< degrees by which sequences move
};

material draw_material(const melody_style& m, const std::vector<std::string_view>& cells, rng draw) {
  material result;
  const int first = draw.below(static_cast<int>(cells.size()));
  const int count = static_cast<int>(cells.size());
  const int second = count > 1 ? (first + draw.between(1, count - 1)) % count : first;
  result.main = make_motif(cells[static_cast<std::size_t>(first)], draw);
  result.contrast = make_motif(cells[static_cast<std::size_t>(second)], draw);
  result.open_cadence = draw.pick(m.cadence);
  result.closed_cadence = draw.pick(m.cadence);
  result.plan = draw.below(4);
  result.drift = draw.chance(60) ? -1 : 1;
  return result;
}

class melody_writer {
 public:
  melody_writer(const style& chosen, const song_plan& plan, std::span<const harmony> chords, int key_root,
                const rng_source& random)
      : style_{chosen}, plan_{plan}, chords_{chords}, key_root_{key_root} {
    verse_ = draw_material(chosen.melody, chosen.melody.verse, random.stream("motif/verse"));
    chorus_ = draw_material(chosen.melody, chosen.melody.chorus, random.stream("motif/chorus"));
    bridge_ = draw_material(chosen.melody, chosen.melody.verse, random.stream("motif/bridge"));
    bridge_.main = invert(chorus_.main);
  }

  std::vector<tune_note> run() {
    for (std::size_t i = 0; i < plan_.sections.size(); ++i) {
      write_section(i);
    }
    return std::move(tune_);
  }

 private:
  void write_section(std::size_t index) {
    const auto& s = plan_.sections[index];
    for (int bar = 0; bar < s.bars; bar += 4) {
      write_phrase(index, bar, std::min(4, s.bars - bar));
    }
  }

  [[nodiscard]] const material& material_of(section_kind kind) const {
    switch (kind) {
      case section_kind::chorus:
      case section_kind::intro: return chorus_;
      case section_kind::bridge: return bridge_;
      case section_kind::verse:
      case section_kind::breakdown:
      case section_kind::outro: break;
    }
    return verse_;
  }

  /// What the phrase says in its `bar`-th bar of `bars`; an empty motif is a rest.
  [[nodiscard]] motif bar_of_phrase(std::size_t index, int phrase, int bar, int bars) const {
    const auto& s = plan_.sections[index];
    const auto& m = material_of(s.kind);
    if (s.kind == section_kind::intro) {
      return bar % 2 == 0 ? (bar == 0 ? m.main : sequence(m.main, m.drift)) : motif{};
    }
    if (s.kind == section_kind::breakdown) {
      return bar % 2 == 0 ? broaden(m.main) : motif{};
    }
    if (s.kind == section_kind::outro) {
      return bar % 2 == 0 ? broaden(m.main) : sequence(broaden(m.contrast), -1);
    }
    if (bar == bars - 1) {
      return cadence(phrase % 2 == 0 && s.bars > 4 ? m.open_cadence : m.closed_cadence);
    }
    auto said = developed(m, (m.plan + phrase) % 4, bar, phrase + s.nth);
    // What comes back comes back with an ornament.
    return s.nth > 0 && (bar + s.nth + phrase) % 2 == 0 ? diminish(std::move(said)) : said;
  }

  [[nodiscard]] motif developed(const material& m, int plan, int bar, int turn) const {
    const int steps = plan_.steps_per_bar();
    if (bar == 0) {
      return m.main;
    }
    switch (plan * 2 + (bar - 1)) {
      case 0: return sequence(m.main, m.drift);
      case 1: return turn % 2 == 0 ? fragment(m.main, steps) : sequence(m.contrast, 1);
      case 2: return m.contrast;
      case 3: return turn % 2 == 0 ? sequence(m.main, m.drift) : diminish(m.main);
      case 4: return invert(m.contrast);
      case 5: return sequence(m.main, 2 * m.drift);
      case 6: return invert(m.main);
      default: return turn % 2 == 0 ? sequence(m.contrast, 2) : diminish(sequence(m.main, 1));
    }
  }

  [[nodiscard]] static motif cadence(std::string_view cell) {
    rng flat{0};
    auto m = make_motif(cell, flat);
    const int count = static_cast<int>(m.size());
    for (int i = 0; i < count; ++i) {
      m[static_cast<std::size_t>(i)].degree = count - 1 - i;
    }
    return m;
  }

  void write_phrase(std::size_t index, int first, int bars) {
    const auto& s = plan_.sections[index];
    const int phrase = first / 4;
    phrase_task task{style_.melody.lowest, style_.melody.highest, key_root_ + s.lift};
    task.anchor = anchor_of(s);
    for (int bar = 0; bar < bars; ++bar) {
      const int absolute = s.first_bar + first + bar;
      if (absolute == plan_.final_bar()) {
        task.slots.push_back({absolute * plan_.bar_ticks(), plan_.last_tick - absolute * plan_.bar_ticks(), 0, 2, true});
        break;
      }
      for (const auto& n : bar_of_phrase(index, phrase, bar, bars)) {
        task.slots.push_back({absolute * plan_.bar_ticks() + n.step * ticks_per_step, n.length * ticks_per_step, n.degree,
                              strength(n.step), false});
      }
    }
    task.ending = phrase % 2 == 0 && s.bars > 4 ? cadence_goal::open : cadence_goal::closed;
    if (s.kind == section_kind::intro || s.kind == section_kind::breakdown) {
      task.ending = cadence_goal::none;
    }
    append(task, index);
  }

  /// Verses lie low, choruses high, so that the chorus lifts.
  [[nodiscard]] int anchor_of(const planned_section& s) const {
    const int span = style_.melody.highest - style_.melody.lowest;
    const bool crowned = s.kind == section_kind::chorus && s.last_of_kind && s.nth > 0;
    const int percent = crowned ? 60 : s.kind == section_kind::chorus ? 50 : s.kind == section_kind::bridge ? 45 : 30;
    return style_.melody.lowest + span * percent / 100;
  }

  [[nodiscard]] int strength(int step) const {
    if (step == 0 || (plan_.beats_per_bar == 4 && step == 8)) {
      return 2;
    }
    return step % 4 == 0 ? 1 : 0;
  }

  void append(const phrase_task& task, std::size_t section) {
    const auto pitches = choose_pitches(task, chords_, tune_.empty() ? -1 : tune_.back().pitch);
    const int count = static_cast<int>(pitches.size());
    for (int i = 0; i < count; ++i) {
      const auto& slot = task.slots[static_cast<std::size_t>(i)];
      // A phrase breathes: it grows towards two thirds of its length and sinks back.
      const int peak = std::max(1, count * 2 / 3);
      const int rise = i <= peak ? 14 * i / peak : 14 - 18 * (i - peak) / std::max(1, count - peak);
      tune_.push_back(
          {slot.start, slot.length, pitches[static_cast<std::size_t>(i)], rise - 6 + 3 * slot.strength, i == 0, section});
    }
  }

  const style& style_;
  const song_plan& plan_;
  std::span<const harmony> chords_;
  int key_root_;
  material verse_;
  material chorus_;
  material bridge_;
  std::vector<tune_note> tune_;
};

}  // namespace

std::vector<tune_note> write_melody(const style& chosen, const song_plan& plan, std::span<const harmony> chords, int key_root,
                                    const rng_source& random) {
  return melody_writer{chosen, plan, chords, key_root, random}.run();
}

}  // namespace music::local
