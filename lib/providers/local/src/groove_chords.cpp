/// Chords to a rhythm, held, and broken.

#include "groove.hpp"

#include <algorithm>

namespace music::local {

namespace {

constexpr int strum_gap_ms = 11;
constexpr int longest_tie_bars = 4;

struct touch {
  int force = 88;
  int length_percent = 100;
  bool upward = false;
};

touch touch_of(char symbol) {
  switch (symbol) {
    case 'X': return {106, 100, false};
    case 'o': return {72, 100, false};
    case 's': return {90, 55, false};
    case 'u': return {76, 90, true};
    default: return {88, 100, false};
  }
}

std::vector<voicing> voicings_of(const stage& on, const part_style& part) {
  return lead_voices(on.chords, {part.lowest, part.highest, part.voices}, on.plan);
}

/// The last chord, spread from below where the instrument is plucked or struck.
void add_last_chord(const stage& on, const part_style& part, const voicing& notes, int gap_ms, std::vector<played_note>& out) {
  if (!plays_last_chord(part)) {
    return;
  }
  const int start = on.plan.final_bar() * on.plan.bar_ticks();
  for (std::size_t i = 0; i < notes.size(); ++i) {
    out.push_back({start, on.plan.last_tick - start, notes[i], 84, static_cast<int>(i) * gap_ms});
  }
}

void add_hit(const part_style& part, const hit& h, const voicing& notes, std::vector<played_note>& out) {
  const auto how = touch_of(h.symbol);
  const bool strummed = part.plays == figure::strum;
  const auto count = notes.size();
  // An upward strum catches the upper strings only, from the top.
  const std::size_t first = how.upward && strummed && count > 3 ? count - 3 : 0;
  for (std::size_t i = first; i < count; ++i) {
    const auto order = static_cast<int>(how.upward ? count - 1 - i : i);
    const int top = i + 1 == count ? 5 : 0;
    out.push_back({h.start, h.length * how.length_percent / 100, notes[i], how.force + top - (strummed ? 2 * order : 0),
                   strummed ? order * strum_gap_ms : 0});
  }
}

}  // namespace

std::vector<played_note> play_comp(const stage& on, const part_style& part, std::size_t index) {
  const auto voicings = voicings_of(on, part);
  std::vector<played_note> notes;
  for (int bar = 0; bar < on.plan.final_bar(); ++bar) {
    if (!plays_in(part, on.plan, bar)) {
      continue;
    }
    for (auto h : hits_in(on, pattern_for(on, part, index, bar), bar)) {
      const bool anticipates = h.symbol == 'a';
      const auto chord = chord_at(on.chords, anticipates ? (bar + 1) * on.plan.bar_ticks() : h.start);
      const int end = on.chords[chord].end();
      h.length = part.rings && !anticipates ? end - h.start : std::min(h.length, end - h.start);
      add_hit(part, h, voicings[chord], notes);
    }
  }
  add_last_chord(on, part, voicings.back(), part.plays == figure::strum ? 28 : 12, notes);
  return notes;
}

std::vector<played_note> play_pad(const stage& on, const part_style& part) {
  const auto voicings = voicings_of(on, part);
  std::vector<played_note> notes;
  std::vector<std::size_t> held;  // the notes of the chord before, by index
  for (std::size_t i = 0; i + 1 < voicings.size(); ++i) {
    const auto& chord = on.chords[i];
    if (!plays_in(part, on.plan, chord.start / on.plan.bar_ticks())) {
      held.clear();
      continue;
    }
    std::vector<std::size_t> now;
    for (const int pitch : voicings[i]) {
      const auto tied = std::find_if(held.begin(), held.end(), [&](std::size_t n) {
        return notes[n].pitch == pitch && chord.end() - notes[n].start <= longest_tie_bars * on.plan.bar_ticks();
      });
      if (tied != held.end() && on.chords[i - 1].section == chord.section) {
        notes[*tied].length = chord.end() - notes[*tied].start;
        now.push_back(*tied);
      } else {
        notes.push_back({chord.start, chord.length, pitch, 82, 0});
        now.push_back(notes.size() - 1);
      }
    }
    held = now;
  }
  add_last_chord(on, part, voicings.back(), 0, notes);
  return notes;
}

std::vector<played_note> play_arpeggio(const stage& on, const part_style& part, std::size_t index) {
  const auto voicings = voicings_of(on, part);
  std::vector<played_note> notes;
  for (int bar = 0; bar < on.plan.final_bar(); ++bar) {
    if (!plays_in(part, on.plan, bar)) {
      continue;
    }
    for (const auto& h : hits_in(on, pattern_for(on, part, index, bar), bar)) {
      const auto chord = chord_at(on.chords, h.start);
      const auto& pitches = voicings[chord];
      const auto number = static_cast<std::size_t>(h.symbol - '1');
      const int pitch = pitches[number % pitches.size()] + 12 * static_cast<int>(number / pitches.size());
      const int left = on.chords[chord].end() - h.start;
      const int length = part.rings ? std::min(left, 2 * ticks_per_beat) : std::min(left, h.length);
      const bool on_beat = h.start % ticks_per_beat == 0;
      const bool on_bar = h.start % on.plan.bar_ticks() == 0;
      notes.push_back({h.start, length, std::min(pitch, part.highest + 12), 80 + (on_beat ? 8 : 0) + (on_bar ? 6 : 0), 0});
    }
  }
  add_last_chord(on, part, voicings.back(), 55, notes);
  return notes;
}

}  // namespace music::local
