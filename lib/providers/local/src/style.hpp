#pragma once

/// What a style is: everything that makes lofi sound like lofi, as data. The tables stand in styles/, the composer
/// holds no style's name.
///
/// Patterns are written as text, one character a sixteenth, sixteen a bar in 4/4 and twelve in 3/4; longer texts span
/// several bars and repeat. In all of them '.' is silence and '-' holds the note before it.
///   comp, strum  X accent · x plain · o soft · s short · u upward strum · a plain, with the NEXT bar's chord
///   arpeggio     1..8 the voice, counted from below, an octave up when they run out
///   bass         R root, accented · r root · g ghosted root · o octave · 3 5 7 chord tones · w walk · n approach
///   drums        1..9 how hard
///   rhythm       x a note of the melody

#include "score.hpp"
#include "theory.hpp"

#include <string_view>
#include <vector>

namespace music::local {

/// How a part plays.
enum class figure : std::uint8_t {
  lead,      ///< the melody
  parallel,  ///< thirds and sixths under the melody
  answer,    ///< echoes of the motif in the melody's gaps
  guide,     ///< a slow line through thirds and sevenths
  comp,      ///< chords to a rhythm
  strum,     ///< chords to a rhythm, string by string
  pad,       ///< held chords, common tones tied
  arpeggio,  ///< broken chords
  bass,
  drums
};

/// A pattern and the energy (percent) from which it is used; of several with the same energy one is drawn a section.
struct pattern_choice {
  int from_energy = 0;
  std::string_view text;
};

struct part_style {
  std::string_view name;
  part_role role{};
  figure plays{};
  int program = 0;
  double loudness = -20;
  double pan = 0;
  double reverb = 0.2;
  double chorus = 0;
  int lowest = 48;        ///< compass, both ends included
  int highest = 72;
  int from_energy = 0;    ///< percent; the part is silent in bars below ..
  int to_energy = 100;    ///< .. and above
  int voices = 3;         ///< of a chord
  int late_ms = 0;        ///< behind the beat
  bool rings = false;     ///< notes are left sounding until the chord changes
  bool swells = false;    ///< expression follows the phrase (bowed and blown instruments)
  std::vector<pattern_choice> patterns{};
};

struct drum_line {
  int key = 36;
  std::string_view hits;
  int late_ms = 0;
};

struct drum_groove {
  int from_energy = 0;
  std::vector<drum_line> lines;
};

/// One tonality of a style. Progressions are bars of Roman numerals, "ii9 | V13 | Imaj9 | vi9", several chords in a
/// bar divided by blanks.
struct palette {
  bool minor = false;
  scale_id scale{};
  int weight = 1;  ///< against the style's other palettes, before the mood has spoken
  std::vector<std::string_view> verse;
  std::vector<std::string_view> chorus;
  std::vector<std::string_view> bridge;
  std::string_view dominant;  ///< one bar that leads into the chorus
  std::string_view farewell;  ///< the bars before the last chord
  std::string_view tonic;     ///< the last chord
};

struct melody_style {
  int lowest = 62;
  int highest = 84;
  std::vector<std::string_view> verse;    ///< one-bar rhythms
  std::vector<std::string_view> chorus;
  std::vector<std::string_view> cadence;  ///< one-bar rhythms that come to rest
};

struct style {
  std::string_view id;
  int lowest_bpm = 80;
  int usual_bpm = 100;
  int highest_bpm = 120;
  int beats_per_bar = 4;
  int swing_steps = 1;        ///< 1: every second sixteenth is late, 2: every second eighth
  int swing_percent = 50;     ///< where the late one falls within its pair; 50 is straight
  int looseness_ms = 6;       ///< how far players stray from the grid
  int liveliness = 20;        ///< percent chance of a drum variation in a bar
  int default_seconds = 84;
  double ring_seconds = 3.5;  ///< of the last chord
  bool ritardando = false;
  int crash_key = 49;         ///< struck where a full section begins; 0 = never
  int lift_semitones = 0;     ///< of the last chorus, when there is room for it
  int valence = 0;            ///< where the style stands in the plane of moods, -100..100
  int arousal = 0;
  std::vector<std::string_view> forms;  ///< I intro, A verse, B chorus, C bridge, D breakdown, O outro
  std::vector<palette> palettes;
  melody_style melody;
  std::vector<part_style> parts;
  std::vector<drum_groove> grooves;
  std::vector<drum_groove> fills;  ///< one bar; the groove stops where the fill begins
  mix_profile mix;
};

/// Every style, in the order in which they are listed to people. Lives as long as the program.
[[nodiscard]] const std::vector<style>& all_styles();

/// The style called `id`, or null.
[[nodiscard]] const style* find_style(std::string_view id);

}  // namespace music::local
