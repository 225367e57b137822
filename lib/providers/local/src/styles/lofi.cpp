#include "styles.hpp"

namespace music::local::styles {

style lofi() {
  style s;
  s.id = "lofi";
  s.lowest_bpm = 68;
  s.usual_bpm = 78;
  s.highest_bpm = 90;
  s.swing_percent = 59;
  s.looseness_ms = 9;
  s.liveliness = 40;
  s.default_seconds = 88;
  s.crash_key = 0;
  s.valence = 5;
  s.arousal = -45;
  s.forms = {"IABO", "IABAO", "IABABO", "IABADBO", "IABABCBO", "IABABCBABO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 5,
       .verse = {"IVmaj9 | iii7 | ii9 | Imaj9", "ii9 | V13 | Imaj9 | vi9", "Imaj9 | vi9 | ii9 | V9sus4"},
       .chorus = {"IVmaj9 | V9sus4 | iii7 | vi9", "Imaj9 | iii7 | IVmaj9 | iv6", "IVmaj7 | iv6 | iii7 | vi9"},
       .bridge = {"vi9 | iii7 | IVmaj9 | V13", "ii9 | iii7 | IVmaj9 | V9sus4"},
       .dominant = "ii9 V13",
       .farewell = "IVmaj9 | iv6 | Imaj9 | ii9 V13",
       .tonic = "Imaj9"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 4,
       .verse = {"i9 | bVImaj9 | iv9 | v7", "i9 | iv9 | bVII9 | bIIImaj9", "bVImaj9 | v7 | i9 | i9"},
       .chorus = {"bVImaj9 | bVII9 | i9 | bIIImaj9", "iv9 | bVII13 | bIIImaj9 | bVImaj9"},
       .bridge = {"bIIImaj9 | bVII9 | iv9 | v7", "iv9 | v7 | bVImaj9 | bVII9"},
       .dominant = "iv9 V7b9",
       .farewell = "bVImaj9 | v7 | i9 | iv9 V7b9",
       .tonic = "i9"},
  };
  s.melody = {64,
              84,
              {"..x-x---x--.....", "x---..x-x-----..", "..x-x-x---x-....", "x--x----..x-x-.."},
              {"x--x--x-x---x-..", "..x-x-x-x--x----", "x---x-x---x-x-..", "x-x---x--x--x-.."},
              {"x-------........", "x--x--------....", "x-x---------...."}};
  s.parts = {
      {.name = "vibraphone",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 11,
       .loudness = -22,
       .pan = 0.12,
       .reverb = 0.35,
       .lowest = 62,
       .highest = 86,
       .to_energy = 70,
       .late_ms = 12},
      {.name = "jazz guitar",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 26,
       .loudness = -20.5,
       .pan = -0.1,
       .reverb = 0.25,
       .lowest = 60,
       .highest = 82,
       .from_energy = 71,
       .late_ms = 10},
      {.name = "electric piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 4,
       .loudness = -21,
       .pan = -0.15,
       .reverb = 0.25,
       .chorus = 0.3,
       .lowest = 50,
       .highest = 70,
       .voices = 4,
       .late_ms = 8,
       .patterns = {{0, "X---------o-----"},
                    {0, "X--------------."},
                    {48, "X-----o---x-----"},
                    {48, "X--x------o---a-"},
                    {75, "X--x--o---x-o-a-"},
                    {75, "X-----x-o-x---a-"}}},
      {.name = "soft guitar",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 24,
       .loudness = -26,
       .pan = 0.4,
       .reverb = 0.3,
       .lowest = 55,
       .highest = 74,
       .from_energy = 56,
       .voices = 4,
       .late_ms = 6,
       .rings = true,
       .patterns = {{0, "..1-2-3-4-3-2-.."}, {0, "..4-3-2-..1-3-.."}}},
      {.name = "warm pad",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 89,
       .loudness = -27,
       .reverb = 0.5,
       .lowest = 55,
       .highest = 74,
       .voices = 3,
       .swells = true},
      {.name = "bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 33,
       .loudness = -20,
       .reverb = 0.02,
       .lowest = 28,
       .highest = 47,
       .from_energy = 45,
       .late_ms = 4,
       .patterns = {{0, "R--------r------"}, {0, "R------.g-5-----"}, {60, "R-----r---5---n-"}, {60, "R--r----.g3---n-"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 8,
       .loudness = -20,
       .reverb = 0.08,
       .from_energy = 48},
  };
  s.grooves = {
      {0, {{36, "8.........7....."}, {37, "....6.......6...", 14}, {42, "5...4...5...4..."}}},
      {50, {{36, "8......5..7....."}, {38, "....7.......7...", 16}, {42, "5.3.5.3.5.3.5.34", 4}}},
      {50, {{36, "8.....6...7....."}, {38, "....7..2....7...", 16}, {42, "5.4.5.3.5.4.5.3.", 4}}},
      {75, {{36, "8..5...6..8....."}, {38, "....8..2.2..8...", 16}, {42, "5.4.5.455.4.5.34", 4}, {46, "..............4."}}},
  };
  s.fills = {{0, {{38, "..........4.5.66", 10}}},
             {0, {{36, "............6.6."}, {46, "............5..."}}},
             {70, {{38, "........5..55.67", 8}, {45, "..........5....."}}}};
  s.mix = {.low_pass_hz = 7200,
           .sidechain_depth = 0.18,
           .vinyl_noise = 0.35,
           .wow_cents = 6,
           .room_size = 0.45,
           .room_level = 0.35,
           .stereo_width = 0.95};
  return s;
}

}  // namespace music::local::styles
