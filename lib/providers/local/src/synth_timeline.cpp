#include "synth_timeline.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace music::local {
namespace {

constexpr double slowest_bpm = 10;
constexpr double shortest_note_seconds = 0.02;

struct timed_note {
  double on;
  double off;
  const note* source;
};

std::vector<timed_note> timed_notes(const score& piece, const tempo_map& tempo) {
  std::vector<timed_note> notes;
  notes.reserve(piece.notes.size());
  for (const note& n : piece.notes) {
    if (n.part >= piece.parts.size() || n.velocity == 0) continue;
    const double shift = n.offset_ms / 1000.0;
    const double on = std::max(0.0, tempo.seconds_at(n.start) + shift);
    const double off = std::max(on + shortest_note_seconds, tempo.seconds_at(n.start + n.length) + shift);
    notes.push_back({.on = on, .off = off, .source = &n});
  }
  std::sort(notes.begin(), notes.end(), [](const timed_note& a, const timed_note& b) {
    return std::tie(a.on, a.source->part, a.source->pitch, a.off) < std::tie(b.on, b.source->part, b.source->pitch, b.off);
  });
  return notes;
}

/// Shortens each note to the next start of its own key.
void separate_repeats(std::vector<timed_note>& notes) {
  std::map<std::pair<std::uint16_t, std::uint8_t>, timed_note*> sounding;
  for (timed_note& now : notes) {
    timed_note*& earlier = sounding[{now.source->part, now.source->pitch}];
    if (earlier != nullptr) earlier->off = std::min(earlier->off, now.on);
    earlier = &now;
  }
}

}  // namespace

tempo_map::tempo_map(const score& piece) {
  std::vector<tempo_change> changes = piece.tempo;
  std::sort(changes.begin(), changes.end(),
            [](const tempo_change& a, const tempo_change& b) { return std::tie(a.at, a.bpm) < std::tie(b.at, b.bpm); });
  segments_.push_back({.beat = 0, .seconds = 0, .seconds_per_beat = 60 / std::max(slowest_bpm, piece.bpm)});
  for (const tempo_change& change : changes) {
    const double at = std::max(0.0, change.at);
    segments_.push_back({.beat = at, .seconds = seconds_at(at), .seconds_per_beat = 60 / std::max(slowest_bpm, change.bpm)});
  }
}

double tempo_map::seconds_at(double beat) const noexcept {
  const auto later =
      std::upper_bound(segments_.begin() + 1, segments_.end(), beat, [](double b, const segment& s) { return b < s.beat; });
  const segment& here = *(later - 1);
  return here.seconds + (beat - here.beat) * here.seconds_per_beat;
}

std::vector<synth_event> timeline_of(const score& piece) {
  const tempo_map tempo{piece};
  std::vector<timed_note> notes = timed_notes(piece, tempo);
  separate_repeats(notes);

  std::vector<synth_event> events;
  events.reserve(2 * notes.size() + piece.controls.size());
  for (const timed_note& n : notes) {
    if (n.off <= n.on) continue;
    const note& source = *n.source;
    events.push_back({n.on, synth_event_kind::note_on, source.part, source.pitch, source.velocity});
    events.push_back({n.off, synth_event_kind::note_off, source.part, source.pitch, 0});
  }
  for (const control_change& c : piece.controls) {
    if (c.part >= piece.parts.size()) continue;
    const double at = std::max(0.0, tempo.seconds_at(c.at));
    events.push_back({at, synth_event_kind::control, c.part, c.controller, c.value});
  }
  std::sort(events.begin(), events.end());
  return events;
}

}  // namespace music::local
