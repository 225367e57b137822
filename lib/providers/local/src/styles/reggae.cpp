#include "styles.hpp"

namespace music::local::styles {

style reggae() {
  style s;
  s.id = "reggae";
  s.lowest_bpm = 66;
  s.usual_bpm = 76;
  s.highest_bpm = 88;
  s.swing_percent = 56;
  s.looseness_ms = 6;
  s.liveliness = 30;
  s.default_seconds = 84;
  s.valence = 60;
  s.arousal = -5;
  s.forms = {"IABO", "IABAO", "IABABO", "IABABCBO", "IABABDABCBO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 4,
       .verse = {"I | IV | I | V", "I | ii | I | ii", "I | vi | ii | V"},
       .chorus = {"IV | I | V | I", "IV | V | I | vi", "vi | IV | I | V"},
       .bridge = {"ii | iii | IV | V", "vi | iii | IV | V"},
       .dominant = "IV V",
       .farewell = "I | IV | I | V",
       .tonic = "I"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 2,
       .verse = {"i | iv | i | v", "i | bVII | i | bVII"},
       .chorus = {"bVI | bVII | i | i", "iv | i | bVII | i"},
       .bridge = {"bIII | bVII | iv | v", "bVI | iv | bVII | v"},
       .dominant = "bVII",
       .farewell = "i | iv | i | v",
       .tonic = "i"},
  };
  s.melody = {60,
              81,
              {"x-x-x---x-......", "..x-x-x-x---....", "x---x-x-....x-..", "x-x-..x-x---...."},
              {"x---x-x-x-x-x---", "x-x-x---x-x-x-..", "..x-x-x-x-x-x---"},
              {"x-----------....", "x-x-x-----......", "x---x-----......"}};
  s.parts = {
      {.name = "melodica",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 22,
       .loudness = -20.5,
       .pan = 0.1,
       .reverb = 0.4,
       .lowest = 60,
       .highest = 82,
       .to_energy = 74,
       .late_ms = 10},
      {.name = "trumpet",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 56,
       .loudness = -19.5,
       .pan = -0.1,
       .reverb = 0.35,
       .lowest = 60,
       .highest = 82,
       .from_energy = 75,
       .late_ms = 8,
       .swells = true},
      {.name = "trombone thirds",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 57,
       .loudness = -24,
       .pan = 0.3,
       .reverb = 0.35,
       .lowest = 57,
       .highest = 79,
       .from_energy = 78,
       .late_ms = 10},
      {.name = "skank guitar",
       .role = part_role::chords,
       .plays = figure::strum,
       .program = 27,
       .loudness = -20.5,
       .pan = -0.4,
       .reverb = 0.25,
       .lowest = 57,
       .highest = 74,
       .voices = 3,
       .patterns = {{0, "....s.......s..."}, {48, "....X.u.....X.u."}, {48, "....s.......s.u."}}},
      {.name = "bubble organ",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 16,
       .loudness = -23,
       .pan = 0.4,
       .reverb = 0.2,
       .lowest = 52,
       .highest = 69,
       .from_energy = 42,
       .voices = 3,
       .patterns = {{0, "..s.s.s...s.s.s."}, {75, ".s.sX.s..s.sX.s."}}},
      {.name = "organ pad",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 18,
       .loudness = -26,
       .reverb = 0.35,
       .lowest = 55,
       .highest = 74,
       .from_energy = 60,
       .voices = 3,
       .swells = true},
      {.name = "bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 33,
       .loudness = -17.5,
       .lowest = 28,
       .highest = 45,
       .from_energy = 38,
       .patterns = {{0, "R-----r-5---3---"}, {0, "R---..r-r-5-...."}, {70, "R--r--5-3-..r-n-"}, {70, "R-r-..5-o---5-n-"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 0,
       .loudness = -19.5,
       .reverb = 0.2,
       .from_energy = 42},
  };
  s.grooves = {
      {0, {{36, "........8......."}, {42, "5.4.5.4.5.4.5.4."}}},
      {48, {{36, "........9......."}, {37, "........8......."}, {42, "6.445.446.445.44"}}},
      {75, {{36, "8.......9......."}, {37, "........8......3"}, {42, "6.456.456.456.45"}, {46, "..............6."}}},
  };
  s.fills = {{0, {{37, "............5.55"}}},
             {50, {{38, "........7..7..7."}, {47, "..........6....."}, {43, "............6..7"}}},
             {50, {{50, "........66......"}, {47, "..........6.6..."}, {43, "............7.7."}}}};
  s.mix = {.low_pass_hz = 13000, .room_size = 0.6, .room_level = 0.4, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
