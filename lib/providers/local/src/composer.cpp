#include "composer.hpp"

#include "composer_performance.hpp"
#include "composer_title.hpp"
#include "form.hpp"
#include "harmony.hpp"
#include "intent.hpp"
#include "melody.hpp"

#include <algorithm>
#include <array>

namespace music::local {

namespace {

constexpr double shortest_seconds = 20;
constexpr double longest_seconds = 300;

/// Request and seed together: another prompt for the same theme is another piece.
std::uint64_t piece_seed(const composition_request& request) {
  auto seed = mix_bits(request.seed);
  for (const auto* text : {&request.theme, &request.prompt, &request.tags}) {
    seed = mix_bits(seed ^ hash_text(*text));
  }
  return seed;
}

/// Minor for sad words and major for happy ones; what the words say outright wins if the style has it.
const palette& choose_palette(const intent& wish, rng draw) {
  std::vector<int> weights;
  int total = 0;
  for (const auto& p : wish.chosen->palettes) {
    const int lean = p.minor ? 100 - wish.valence : 100 + wish.valence;
    const bool excluded = wish.minor && *wish.minor != p.minor;
    weights.push_back(excluded ? 0 : p.weight * std::max(lean, 10));
    total += weights.back();
  }
  if (total == 0) {
    return wish.chosen->palettes.front();
  }
  int ticket = draw.below(total);
  std::size_t i = 0;
  while (ticket >= weights[i]) {
    ticket -= weights[i++];
  }
  return wish.chosen->palettes[i];
}

/// Keys that lie well for guitars and winds, and are read without pain.
int choose_root(const intent& wish, bool minor, rng draw) {
  static constexpr std::array<int, 8> for_major{0, 7, 2, 5, 9, 10, 3, 4};
  static constexpr std::array<int, 8> for_minor{9, 4, 2, 0, 7, 11, 5, 6};
  return wish.key_root ? *wish.key_root : draw.pick(minor ? for_minor : for_major);
}

tempo_wish choose_tempo(const intent& wish, rng draw) {
  if (wish.bpm) {
    return {*wish.bpm, true};
  }
  const auto& s = *wish.chosen;
  const int room = wish.arousal >= 0 ? s.highest_bpm - s.usual_bpm : s.usual_bpm - s.lowest_bpm;
  const double by_mood = s.usual_bpm + room * wish.arousal * 0.006 + draw.bell(s.usual_bpm * 6 / 100);
  const double said = by_mood * wish.tempo_percent / 100;
  return {std::clamp(said, static_cast<double>(s.lowest_bpm), static_cast<double>(s.highest_bpm)), false};
}

void describe_form(const song_plan& plan, score& out) {
  for (const auto& s : plan.sections) {
    out.form.push_back({s.kind, s.first_bar, s.bars, s.energy / 100.0, s.lift});
  }
}

void describe_chords(const std::vector<harmony>& chords, score& out) {
  for (const auto& h : chords) {
    out.chords.push_back({static_cast<double>(h.start) / ticks_per_beat, static_cast<double>(h.length) / ticks_per_beat, h.root,
                          h.intervals, h.name});
  }
}

}  // namespace

score compose(const composition_request& request) {
  const rng_source random{piece_seed(request)};
  const auto wish = read_intent(request);
  const auto& chosen = *wish.chosen;
  const auto& tonality = choose_palette(wish, random.stream("palette"));
  const int root = choose_root(wish, tonality.minor, random.stream("key"));
  const double usual_seconds = chosen.default_seconds + random.stream("seconds").bell(6);
  const double seconds = std::clamp(request.duration_seconds.value_or(usual_seconds), shortest_seconds, longest_seconds);
  const auto plan = plan_form(chosen, choose_tempo(wish, random.stream("tempo")), seconds, random);
  const auto chords = plan_harmony(tonality, plan, root, random);
  const auto tune = write_melody(chosen, plan, chords, root, random);

  score out;
  out.title = request.title.value_or(make_title(request.theme));
  out.style = chosen.id;
  out.key = std::string{pitch_name(root, written_with_flats(root, tonality.minor))} + (tonality.minor ? " minor" : " major");
  out.key_root = root;
  out.minor = tonality.minor;
  out.bpm = plan.bpm;
  out.beats_per_bar = plan.beats_per_bar;
  out.seed = request.seed;
  out.duration_seconds = seconds;
  out.tempo = plan.tempo;
  out.mix = chosen.mix;
  describe_form(plan, out);
  describe_chords(chords, out);
  perform({chosen, plan, chords, tune, random}, {wish.lead_program, wish.without_drums}, out);
  return out;
}

}  // namespace music::local
