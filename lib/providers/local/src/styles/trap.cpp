#include "styles.hpp"

namespace music::local::styles {

style trap() {
  style s;
  s.id = "trap";
  s.lowest_bpm = 66;
  s.usual_bpm = 72;
  s.highest_bpm = 80;
  s.looseness_ms = 3;
  s.liveliness = 35;
  s.default_seconds = 84;
  s.valence = -35;
  s.arousal = 30;
  s.forms = {"IABO", "IABABO", "IABABDBO", "IABABCBABO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 1,
       .verse = {"i | bVI | i | v", "i | i | bVI | v7", "i | iv | bVI | v"},
       .chorus = {"bVI | bVII | i | bIII", "bVImaj7 | v7 | i | i", "iv | bVI | i | bVII"},
       .bridge = {"iv | v | bVI | bVII", "bIII | bVII | iv | v7"},
       .dominant = "bVII V7",
       .farewell = "bVI | v7 | i | bVI V7",
       .tonic = "i"},
  };
  s.melody = {64,
              84,
              {"x--x--x-......x-", "x-x---x-x-......", "..x--x--x---....", "x---..x-..x-...."},
              {"x--x--x-x--x--x-", "x-x-x---x-x-x---", "x--x--x-..x-x-x-"},
              {"x-----------....", "x--x--------....", "x-x---------...."}};
  s.parts = {
      {.name = "dark bells",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 14,
       .loudness = -22,
       .pan = 0.1,
       .reverb = 0.4,
       .lowest = 60,
       .highest = 84,
       .to_energy = 69},
      {.name = "flute lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 73,
       .loudness = -21,
       .pan = -0.05,
       .reverb = 0.4,
       .lowest = 64,
       .highest = 86,
       .from_energy = 70,
       .swells = true},
      {.name = "bell echo",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 9,
       .loudness = -27,
       .pan = 0.4,
       .reverb = 0.5,
       .lowest = 72,
       .highest = 92,
       .from_energy = 56},
      {.name = "piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 0,
       .loudness = -22,
       .pan = -0.15,
       .reverb = 0.35,
       .lowest = 50,
       .highest = 70,
       .voices = 3,
       .rings = true,
       .patterns = {{0, "X---------------"}, {0, "X-------o-------"}, {70, "X-----x---o-----"}, {70, "X--x----o---x---"}}},
      {.name = "dark strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 48,
       .loudness = -24,
       .reverb = 0.45,
       .lowest = 52,
       .highest = 72,
       .from_energy = 58,
       .voices = 3,
       .swells = true},
      {.name = "sub bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 38,
       .loudness = -18,
       .lowest = 26,
       .highest = 42,
       .from_energy = 46,
       .patterns = {{0, "R---------r-----"}, {0, "R-----r---------"}, {70, "R-----r---r--n--"}, {70, "R--r------r---n-"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 25,
       .loudness = -18,
       .reverb = 0.06,
       .from_energy = 44},
  };
  s.grooves = {
      {0, {{36, "8..............."}, {42, "5.4.5.4.5.4.5.4."}}},
      {50, {{36, "9.....7...7....."}, {39, "........8......."}, {42, "5.4.5.4.5.445.4."}}},
      {50, {{36, "9..7......8....."}, {39, "........8......."}, {42, "545.5.4.5.4.5444"}}},
      {75,
       {{36, "9..7..8...8..6.."},
        {39, "........9......."},
        {38, "........7......."},
        {42, "5454544454545666"},
        {46, "..............5."}}},
  };
  s.fills = {{0, {{42, "............6666"}}},
             {60, {{38, "..........5.5678"}, {42, "............7777"}}},
             {60, {{36, "........8.8....."}, {39, "............7.88"}}}};
  s.mix = {.sidechain_depth = 0.3, .room_size = 0.55, .room_level = 0.35, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
