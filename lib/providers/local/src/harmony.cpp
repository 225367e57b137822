#include "harmony.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace music::local {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto at = std::min(text.find(separator), text.size());
    if (at > 0) {
      pieces.push_back(text.substr(0, at));
    }
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return pieces;
}

/// The chords of one bar, as text.
using bar_text = std::string_view;

/// Bars of a section; what repeats is not repeated literally: a second pass ends as another progression does.
class progression {
 public:
  progression(const std::vector<std::string_view>& choices, rng draw) {
    const int first = draw.below(static_cast<int>(choices.size()));
    const int other = choices.size() > 1
                          ? (first + draw.between(1, static_cast<int>(choices.size()) - 1)) % static_cast<int>(choices.size())
                          : first;
    bars_ = split(choices[static_cast<std::size_t>(first)], '|');
    variant_ = split(choices[static_cast<std::size_t>(other)], '|');
  }

  [[nodiscard]] bar_text at(int bar) const {
    const auto size = static_cast<int>(bars_.size());
    const int pass = bar / size;
    const int place = bar % size;
    const bool varied = pass % 2 == 1 && place * 2 >= size && variant_.size() == bars_.size();
    return (varied ? variant_ : bars_)[static_cast<std::size_t>(place)];
  }

 private:
  std::vector<bar_text> bars_;
  std::vector<bar_text> variant_;
};

class harmony_planner {
 public:
  harmony_planner(const palette& tonality, const song_plan& plan, int key_root, const rng_source& random)
      : tonality_{tonality},
        plan_{plan},
        key_root_{key_root},
        flats_{written_with_flats(key_root, tonality.minor)},
        verse_{tonality.verse, random.stream("progression/verse")},
        chorus_{tonality.chorus, random.stream("progression/chorus")},
        bridge_{tonality.bridge, random.stream("progression/bridge")},
        farewell_{{tonality.farewell}, random.stream("progression/outro")} {}

  std::vector<harmony> run() {
    for (std::size_t i = 0; i < plan_.sections.size(); ++i) {
      for (int bar = 0; bar < plan_.sections[i].bars; ++bar) {
        write_bar(i, bar);
      }
    }
    return std::move(chords_);
  }

 private:
  [[nodiscard]] bar_text text_of(std::size_t index, int bar) const {
    const auto& s = plan_.sections[index];
    if (s.first_bar + bar == plan_.final_bar()) {
      return tonality_.tonic;
    }
    const bool before_chorus = index + 1 < plan_.sections.size() && plan_.sections[index + 1].kind == section_kind::chorus &&
                               s.kind != section_kind::chorus;
    if (before_chorus && s.bars > 1 && bar == s.bars - 1) {
      return tonality_.dominant;
    }
    switch (s.kind) {
      case section_kind::chorus: return chorus_.at(bar);
      case section_kind::bridge: return bridge_.at(bar);
      case section_kind::outro: return farewell_.at(bar);
      case section_kind::intro: return s.nth == 0 && s.bars > 2 ? verse_.at(bar) : verse_.at(bar % 2);
      case section_kind::verse:
      case section_kind::breakdown: break;
    }
    return verse_.at(bar);
  }

  void write_bar(std::size_t index, int bar) {
    const auto names = split(text_of(index, bar), ' ');
    const auto& s = plan_.sections[index];
    // Two chords divide a bar of three beats as two and one.
    const int beats = plan_.beats_per_bar;
    const int first_bar_tick = (s.first_bar + bar) * plan_.bar_ticks();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const int count = static_cast<int>(names.size());
      const int from = (static_cast<int>(i) * beats + count - 1) / count;
      const int to = ((static_cast<int>(i) + 1) * beats + count - 1) / count;
      write_chord(names[i], first_bar_tick + from * ticks_per_beat, (to - from) * ticks_per_beat, index);
    }
  }

  void write_chord(std::string_view numeral, int start, int length, std::size_t section) {
    const auto shape = parse_chord(numeral);
    if (!shape) {
      throw std::logic_error{"a style names a chord that nobody can read"};
    }
    const int tonic = key_root_ + plan_.sections[section].lift;
    harmony h;
    h.start = start;
    h.length = length;
    h.root = pitch_class(tonic + shape->semitones_above_tonic);
    h.intervals = shape->intervals;
    h.name = std::string{pitch_name(h.root, flats_)} + shape->suffix;
    h.tones = chord_tones(h.root, h.intervals);
    h.scale = bend_scale(scale_tones(tonality_.scale, tonic), h.tones);
    h.section = section;
    chords_.push_back(std::move(h));
  }

  const palette& tonality_;
  const song_plan& plan_;
  int key_root_;
  bool flats_;
  progression verse_;
  progression chorus_;
  progression bridge_;
  progression farewell_;
  std::vector<harmony> chords_;
};

}  // namespace

std::vector<harmony> plan_harmony(const palette& tonality, const song_plan& plan, int key_root, const rng_source& random) {
  return harmony_planner{tonality, plan, key_root, random}.run();
}

std::size_t chord_at(std::span<const harmony> chords, int tick) {
  const auto after = std::upper_bound(chords.begin(), chords.end(), tick, [](int t, const harmony& h) { return t < h.start; });
  return after == chords.begin() ? 0 : static_cast<std::size_t>(std::distance(chords.begin(), after) - 1);
}

}  // namespace music::local
