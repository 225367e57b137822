#include "styles.hpp"

namespace music::local::styles {

style bossa() {
  style s;
  s.id = "bossa";
  s.lowest_bpm = 108;
  s.usual_bpm = 124;
  s.highest_bpm = 140;
  s.looseness_ms = 7;
  s.default_seconds = 84;
  s.crash_key = 0;
  s.valence = 55;
  s.arousal = -10;
  s.forms = {"IABO", "IABAO", "IABABO", "IABACABO", "IABABCABO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 5,
       .verse = {"Imaj9 | Imaj9 | II7 | II7 | ii9 | V13 | Imaj9 | V7b9", "Imaj7 | vi9 | ii9 | V13 | iii7 | vi7 | ii9 | V7b9"},
       .chorus = {"IVmaj9 | iv6 | iii7 | vi9 | ii9 | V13 | Imaj9 | Imaj9",
                  "ii9 | V13 | Imaj9 | vi9 | IVmaj7 | iv6 | Imaj9 | V7b9"},
       .bridge = {"vi9 | II9 | vi9 | II9 | ii9 | iii7 | ii9 | V13"},
       .dominant = "ii9 V7b9",
       .farewell = "ii9 | V13 | iii7 | ii9 V13",
       .tonic = "I69"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 3,
       .verse = {"i9 | i6 | ii7b5 | V7b9 | i9 | iv9 | ii7b5 | V7b9", "i9 | bVImaj7 | ii7b5 | V7b9"},
       .chorus = {"iv9 | bVII13 | bIIImaj9 | bVImaj7 | ii7b5 | V7b9 | i9 | i9", "iv9 | V7b9 | i9 | bVImaj7"},
       .bridge = {"bIIImaj9 | bVImaj9 | ii7b5 | V7b9", "iv9 | bVII13 | bIIImaj9 | V7b9"},
       .dominant = "ii7b5 V7b9",
       .farewell = "iv9 | i9 | bVImaj7 | ii7b5 V7b9",
       .tonic = "i9"},
  };
  s.melody = {62,
              82,
              {"x-----x---x-----", "..x-x---x--x----", "x--x--x-----x-..", "x---x--x----...."},
              {"x--x--x---x-x---", "x--x---x---x--x-", "..x-x-x---x-x---"},
              {"x-----------....", "x--x--------....", "x-----x-----...."}};
  s.parts = {
      {.name = "flute",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 73,
       .loudness = -20.5,
       .pan = 0.15,
       .reverb = 0.3,
       .lowest = 65,
       .highest = 86,
       .to_energy = 72,
       .late_ms = 8,
       .swells = true},
      {.name = "alto sax",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 65,
       .loudness = -20,
       .pan = 0.1,
       .reverb = 0.3,
       .lowest = 60,
       .highest = 82,
       .from_energy = 73,
       .late_ms = 12,
       .swells = true},
      {.name = "nylon guitar",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 24,
       .loudness = -20,
       .pan = -0.3,
       .reverb = 0.2,
       .lowest = 50,
       .highest = 70,
       .voices = 4,
       .patterns = {{0, "x-----x---x-----"},
                    {0, "x--x--x---x--x--"},
                    {48, "x--x--o---x--x-a"},
                    {48, "..x---x-..x---xa"},
                    {75, "X--x--x-o-x--x-a"}}},
      {.name = "electric piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 4,
       .loudness = -25,
       .pan = 0.35,
       .reverb = 0.3,
       .chorus = 0.2,
       .lowest = 55,
       .highest = 74,
       .from_energy = 62,
       .voices = 3,
       .patterns = {{0, "..o-----..x-----"}, {0, "......x-----o---"}}},
      {.name = "vibraphone",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 11,
       .loudness = -25,
       .pan = 0.45,
       .reverb = 0.35,
       .lowest = 65,
       .highest = 84,
       .from_energy = 48},
      {.name = "strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 49,
       .loudness = -26,
       .reverb = 0.45,
       .lowest = 57,
       .highest = 76,
       .from_energy = 75,
       .voices = 3,
       .swells = true},
      {.name = "double bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 32,
       .loudness = -19,
       .reverb = 0.05,
       .lowest = 28,
       .highest = 50,
       .from_energy = 38,
       .patterns = {{0, "R-----5-5-----r-"}, {0, "R-----5-5-------"}, {70, "R-----5-5-----n-"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 40,
       .loudness = -23,
       .reverb = 0.1,
       .from_energy = 46},
  };
  s.grooves = {
      {0, {{36, "6.....4.6.....4."}, {42, "4.4.4.4.4.4.4.4."}}},
      {48, {{36, "7.....5.7.....5."}, {37, "6..6..6...6..6.."}, {42, "5.4.5.4.5.4.5.4."}}},
      {48, {{36, "7.....5.7.....5."}, {37, "..6...6..6..6..."}, {42, "5445544554455445"}}},
      {75, {{36, "7.....6.7.....6."}, {37, "7..7..7...7..7.."}, {51, "5.4.5.4.5.4.5.4."}, {70, "4343434343434343"}}},
  };
  s.fills = {{0, {{37, "..........5.5.5."}}}, {60, {{38, "..........4.556."}, {47, "............5..."}}}};
  s.mix = {.low_pass_hz = 14000, .room_size = 0.4, .room_level = 0.3, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
