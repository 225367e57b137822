#include "composer_performance.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace music::local {

namespace {

constexpr std::uint8_t expression = 11;
constexpr int shortest_note_ticks = 30;
constexpr int largest_offset_ms = 45;

/// The first lead may be played by the instrument that the words asked for.
part cast_part(const part_style& p, casting cast, bool leads) {
  part result{std::string{p.name}, p.role, p.program, p.loudness, p.pan, p.reverb, p.chorus};
  if (leads && cast.lead_program) {
    result.program = *cast.lead_program;
    result.name = "lead";
  }
  return result;
}

/// Louder where the section is fuller; the renderer's fonts answer roughly with the square of the velocity.
int velocity_of(int force, int energy, rng& draw) {
  return std::clamp(force * (58 + energy * 46 / 100) / 100 + draw.bell(7), 8, 127);
}

class performance {
 public:
  performance(const stage& on, score& out) : on_{on}, out_{out} {}

  void add(const part_style& style_part, part described, std::size_t index) {
    auto notes = play_part(on_, index);
    if (notes.empty()) {
      return;
    }
    std::sort(notes.begin(), notes.end(), [](const played_note& a, const played_note& b) {
      return std::tie(a.start, a.pitch, a.force, a.length) < std::tie(b.start, b.pitch, b.force, b.length);
    });
    remove_doubles(notes);
    const auto number = static_cast<std::uint16_t>(out_.parts.size());
    out_.parts.push_back(std::move(described));
    auto timing = on_.random.stream("human/timing", static_cast<int>(index));
    auto touch = on_.random.stream("human/touch", static_cast<int>(index));
    for (const auto& n : notes) {
      write(n, style_part, number, timing, touch);
    }
    if (style_part.swells) {
      swell(style_part, number);
    }
  }

 private:
  /// A key that is struck again ends the note before it; a key struck twice at once is struck once.
  static void remove_doubles(std::vector<played_note>& notes) {
    std::array<int, 128> last{};
    last.fill(-1);
    for (std::size_t i = 0; i < notes.size(); ++i) {
      auto& previous = last[static_cast<std::size_t>(notes[i].pitch)];
      if (previous >= 0) {
        auto& before = notes[static_cast<std::size_t>(previous)];
        before.length = std::min(before.length, notes[i].start - before.start);
      }
      previous = static_cast<int>(i);
    }
    std::erase_if(notes, [](const played_note& n) { return n.length <= 0; });
  }

  void write(const played_note& n, const part_style& p, std::uint16_t number, rng& timing, rng& touch) {
    const int bar = n.start / on_.plan.bar_ticks();
    const int start = swung(on_.chosen, n.start);
    const int end = std::min(swung(on_.chosen, n.start + n.length), on_.plan.last_tick);
    const bool drums = p.role == part_role::drums;
    const int spread = drums ? on_.chosen.looseness_ms / 2 : on_.chosen.looseness_ms;
    const int offset = std::clamp(n.offset_ms + p.late_ms + timing.bell(spread), -largest_offset_ms, 4 * largest_offset_ms);
    note written;
    written.start = static_cast<double>(start) / ticks_per_beat;
    written.length = static_cast<double>(std::max(end - start, shortest_note_ticks)) / ticks_per_beat;
    written.part = number;
    written.pitch = static_cast<std::uint8_t>(n.pitch);
    written.velocity = static_cast<std::uint8_t>(velocity_of(n.force, on_.plan.energy_at(bar), touch));
    written.offset_ms = start == 0 ? static_cast<float>(std::max(offset, 0)) : static_cast<float>(offset);
    out_.notes.push_back(written);
  }

  /// Expression in arcs of two bars, growing where the next section is fuller.
  void swell(const part_style& p, std::uint16_t number) {
    const int arc = 2 * on_.plan.beats_per_bar;
    out_.controls.push_back({0, number, expression, 92});
    for (int bar = 0; bar < on_.plan.final_bar(); ++bar) {
      if (!plays_in(p, on_.plan, bar)) {
        continue;
      }
      const bool grows = on_.plan.energy_at(std::min(bar + 1, on_.plan.bars - 1)) > on_.plan.energy_at(bar) + 4;
      for (int beat = 0; beat < on_.plan.beats_per_bar; ++beat) {
        const int at = bar * on_.plan.beats_per_bar + beat;
        const int place = at % arc;
        const int rise = place * 2 <= arc ? place : arc - place;
        const int value = grows ? 92 + 30 * beat / on_.plan.beats_per_bar : 86 + 34 * rise / arc;
        out_.controls.push_back({static_cast<double>(at), number, expression, static_cast<std::uint8_t>(value)});
      }
    }
    release(number);
  }

  /// The last chord sinks while it rings.
  void release(std::uint16_t number) {
    const int first = on_.plan.final_bar() * on_.plan.beats_per_bar;
    const int beats = on_.plan.last_tick / ticks_per_beat - first;
    for (int beat = 0; beat <= beats; ++beat) {
      const auto value = static_cast<std::uint8_t>(100 - 60 * beat / std::max(beats, 1));
      out_.controls.push_back({static_cast<double>(first + beat), number, expression, value});
    }
  }

  const stage& on_;
  score& out_;
};

}  // namespace

void perform(const stage& on, casting cast, score& out) {
  performance players{on, out};
  bool lead_cast = false;
  for (std::size_t i = 0; i < on.chosen.parts.size(); ++i) {
    const auto& p = on.chosen.parts[i];
    if (p.role == part_role::drums && cast.without_drums) {
      continue;
    }
    const bool leads = p.plays == figure::lead && !lead_cast;
    lead_cast = lead_cast || leads;
    players.add(p, cast_part(p, cast, leads), i);
  }
  std::sort(out.notes.begin(), out.notes.end(),
            [](const note& a, const note& b) { return std::tie(a.start, a.part, a.pitch) < std::tie(b.start, b.part, b.pitch); });
  std::sort(out.controls.begin(), out.controls.end(), [](const control_change& a, const control_change& b) {
    return std::tie(a.at, a.part, a.controller, a.value) < std::tie(b.at, b.part, b.controller, b.value);
  });
}

}  // namespace music::local
