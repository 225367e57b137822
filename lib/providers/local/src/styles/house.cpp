#include "styles.hpp"

namespace music::local::styles {

style house() {
  style s;
  s.id = "house";
  s.lowest_bpm = 116;
  s.usual_bpm = 123;
  s.highest_bpm = 130;
  s.swing_percent = 53;
  s.looseness_ms = 2;
  s.liveliness = 25;
  s.default_seconds = 90;
  s.valence = 40;
  s.arousal = 75;
  s.forms = {"IABO", "IABABO", "IABDBO", "IABADBO", "IABABDBBO", "IABABDABCBBO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 5,
       .verse = {"i7 | iv7 | i7 | v7", "i9 | bVImaj7 | i9 | bVII", "i7 | bVII | bVImaj7 | bVII"},
       .chorus = {"bVImaj7 | bVII | i7 | bIIImaj7", "i9 | bIIImaj7 | bVII | iv9", "bVImaj7 | v7 | i7 | bVII"},
       .bridge = {"iv9 | v7 | bVImaj7 | bVII", "bIIImaj7 | bVII | iv9 | v7"},
       .dominant = "v7 V7",
       .farewell = "i9 | bVImaj7 | i9 | bVII",
       .tonic = "i9"},
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 3,
       .verse = {"Imaj7 | vi7 | ii7 | V9sus4", "vi9 | ii9 | vi9 | Imaj7"},
       .chorus = {"IVmaj7 | V | iii7 | vi7", "IVmaj9 | iii7 | vi9 | V9sus4"},
       .bridge = {"ii9 | iii7 | IVmaj7 | V9sus4", "vi7 | V | IVmaj7 | iii7"},
       .dominant = "V9sus4",
       .farewell = "IVmaj7 | V9sus4 | vi7 | V9sus4",
       .tonic = "Imaj9"},
  };
  s.melody = {62,
              82,
              {"..x--x--x-......", "x--x--x-....x-..", "..x-..x--x--....", "x-..x--x..x-...."},
              {"x--x--x-..x--x--", "x-.x-.x-x--x--x-", "..x--x--x-x-x---", "x--x--x---x-x-x-"},
              {"x--x--......x---", "x-----........x-", "x--x--x-........"}};
  s.parts = {
      {.name = "organ hook",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 16,
       .loudness = -22,
       .pan = 0.1,
       .reverb = 0.3,
       .lowest = 60,
       .highest = 82,
       .to_energy = 74},
      {.name = "bright lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 81,
       .loudness = -21.5,
       .pan = -0.05,
       .reverb = 0.35,
       .chorus = 0.3,
       .lowest = 64,
       .highest = 84,
       .from_energy = 75},
      {.name = "house piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 1,
       .loudness = -20,
       .pan = -0.1,
       .reverb = 0.2,
       .lowest = 52,
       .highest = 72,
       .from_energy = 54,
       .voices = 4,
       .patterns = {{0, "X--x--..o--x--.."}, {0, "..X-..x-..x-..o-"}, {75, "X--x--x-..x--x-."}, {75, "X--x--X--x--x-.a"}}},
      {.name = "strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 50,
       .loudness = -24,
       .reverb = 0.45,
       .chorus = 0.3,
       .lowest = 55,
       .highest = 76,
       .voices = 3,
       .swells = true},
      {.name = "pluck",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 45,
       .loudness = -25,
       .pan = 0.35,
       .reverb = 0.4,
       .lowest = 60,
       .highest = 79,
       .from_energy = 36,
       .voices = 3,
       .patterns = {{0, "1..2..3.1..2..4."}, {0, "3..2..1...3..2.."}, {75, "1.31.23.1.31.234"}}},
      {.name = "bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 39,
       .loudness = -18.5,
       .lowest = 28,
       .highest = 47,
       .from_energy = 45,
       .patterns = {{0, "R-....r-....r-.."}, {0, "R-..g-r-....5-.."}, {60, "R-.r..r-.r-.o-n-"}, {60, "R.r-..r-R.r-.o.n"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 25,
       .loudness = -17,
       .reverb = 0.08,
       .from_energy = 36},
  };
  s.grooves = {
      {0, {{36, "9...9...9...9..."}, {42, "..4...4...4...4."}}},
      {48, {{36, "9...9...9...9..."}, {39, "....8.......8..."}, {42, "4.5.4.5.4.5.4.53"}, {46, "..6...6...6...6."}}},
      {48, {{36, "9...9...9...9..5"}, {39, "....8.......8..."}, {42, "45.445.445.445.4"}, {46, "..6...6...6...6."}}},
      {75,
       {{36, "9...9...9...9..."},
        {39, "....8.......8..3"},
        {42, "5466546654665466"},
        {46, "..7...7...7...7."},
        {70, "5343534353435343"}}},
  };
  s.fills = {{0, {{39, "............5.5."}}},
             {60, {{38, "........5.5.6789"}, {36, "8...8..........."}}},
             {60, {{38, "....4.5.5.6.7788"}, {39, "............7.7."}}}};
  s.mix = {.sidechain_depth = 0.6, .room_size = 0.5, .room_level = 0.35, .stereo_width = 1.15};
  return s;
}

}  // namespace music::local::styles
