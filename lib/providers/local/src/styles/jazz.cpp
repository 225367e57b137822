#include "styles.hpp"

namespace music::local::styles {

style jazz() {
  style s;
  s.id = "jazz";
  s.lowest_bpm = 96;
  s.usual_bpm = 124;
  s.highest_bpm = 168;
  s.swing_steps = 2;
  s.swing_percent = 64;
  s.looseness_ms = 9;
  s.liveliness = 45;
  s.default_seconds = 86;
  s.ring_seconds = 3;
  s.crash_key = 51;
  s.valence = 25;
  s.arousal = 10;
  s.forms = {"IABO", "IAABO", "IAABAO", "IABABO", "IAABACABO", "IAABAACABABO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 5,
       .verse = {"ii9 | V13 | Imaj9 | VI7b9 | ii9 | V13 | Imaj9 vi7 | ii7 V7", "Imaj7 vi7 | ii9 V13 | iii7 VI7b9 | ii9 V13"},
       .chorus = {"v7 | I13 | IVmaj9 | IVmaj9 | iv7 | bVII13 | Imaj9 | ii7 V7",
                  "IVmaj7 | iv6 | iii7 | VI7b9 | ii9 | V13 | Imaj9 | ii7 V7"},
       .bridge = {"III9 | III9 | VI9 | VI9 | II9 | II9 | V13 | V7b9", "iv7 | bVII13 | Imaj9 | vi7 | ii7 | II9 | ii9 | V7b9"},
       .dominant = "ii9 V7b9",
       .farewell = "iii7 VI7b9 | ii9 V13 | iii7 VI7b9 | ii9 V13",
       .tonic = "I69"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 3,
       .verse = {"i9 | ii7b5 V7b9 | i9 | i6 | iv9 | bVII13 | bIIImaj7 | ii7b5 V7b9", "i9 | bVImaj7 | ii7b5 | V7b9"},
       .chorus = {"iv9 | bVII13 | bIIImaj9 | bVImaj7 | ii7b5 | V7b9 | i9 | i6", "iv9 | iv9 | i9 | i9 | bVI7 | V7b9 | i9 | V7b9"},
       .bridge = {"bIIImaj9 | iv7 bVII13 | bIIImaj9 | bVImaj7 | ii7b5 | bVI7 | ii7b5 | V7b9", "iv9 | bVII13 | bIIImaj9 | V7b9"},
       .dominant = "ii7b5 V7b9",
       .farewell = "i9 | bVI7 V7b9 | i9 | ii7b5 V7b9",
       .tonic = "i6"},
  };
  s.melody = {63,
              84,
              {"x-x-x---x-x-x-..", "..x-x-x---x-....", "x---x-x-x-x-x---", "x--.x-x-x-x-x---", "..x-..x-x-x-x-x-"},
              {"x-x-x-x-x---x-x-", "..x-x-x-x-x-x---", "x---x-x---x-x-x-", "x-x-x-..x-x-x-x-"},
              {"x-----......x-..", "x-x-x-----......", "x---x-----......"}};
  s.parts = {
      {.name = "tenor sax",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 66,
       .loudness = -19.5,
       .pan = 0.1,
       .reverb = 0.3,
       .lowest = 58,
       .highest = 82,
       .to_energy = 77,
       .late_ms = 14,
       .swells = true},
      {.name = "muted trumpet",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 59,
       .loudness = -19.5,
       .pan = -0.1,
       .reverb = 0.3,
       .lowest = 58,
       .highest = 82,
       .from_energy = 72,
       .late_ms = 10,
       .swells = true},
      {.name = "piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 0,
       .loudness = -21,
       .pan = -0.3,
       .reverb = 0.2,
       .lowest = 50,
       .highest = 68,
       .voices = 4,
       .late_ms = 6,
       .patterns = {{0, "X-------..o-----"},
                    {0, "x-----------..a-"},
                    {48, "X-----x-......a-"},
                    {48, "..x-....x-....o-"},
                    {48, "x-....x-....x-.."},
                    {75, "X--.x-....x-..a-"},
                    {75, "..X-..x-..s...a-"},
                    {75, "X-....x-..x-..x-"}}},
      {.name = "guitar answers",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 26,
       .loudness = -24,
       .pan = 0.4,
       .reverb = 0.25,
       .lowest = 60,
       .highest = 79,
       .from_energy = 48,
       .late_ms = 8},
      {.name = "double bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 32,
       .loudness = -18.5,
       .reverb = 0.06,
       .lowest = 28,
       .highest = 52,
       .from_energy = 30,
       .patterns = {{0, "R-------5---n---"},
                    {0, "R-------r---n---"},
                    {46, "R---w---w---n---"},
                    {46, "R---5---w---n---"},
                    {75, "R---w---w---w-n-"},
                    {75, "R---3---5---n---"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 40,
       .loudness = -22,
       .reverb = 0.12,
       .from_energy = 38},
  };
  s.grooves = {
      {0, {{51, "5...6...5...6..."}, {44, "....5.......5..."}}},
      {48, {{51, "6...7.5.6...7.5."}, {44, "....6.......6..."}, {36, "4...3...4...3..."}, {38, "..............3."}}},
      {48, {{51, "6...7.5.6...7.5."}, {44, "....6.......6..."}, {36, "4...3...4...3..."}, {38, "......3........."}}},
      {75, {{51, "7...8.6.7...8.6."}, {44, "....6.......6..."}, {36, "5...4...5..4...."}, {38, "..3...4...3...4."}}},
      {75, {{51, "7.5.8.6.7.5.8.6."}, {44, "....6.......6..."}, {36, "5...4.4.5...4..."}, {38, "......4.....3.4."}}},
  };
  s.fills = {{0, {{38, "............4.5."}}},
             {50, {{38, "........5.4.6.5."}, {47, "..........5....."}, {36, "..............6."}}},
             {50, {{38, "........4.5....."}, {47, "............6..."}, {43, "..............6."}}}};
  s.mix = {.room_size = 0.45, .room_level = 0.3, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
