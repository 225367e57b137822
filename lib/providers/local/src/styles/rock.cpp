#include "styles.hpp"

namespace music::local::styles {

style rock() {
  style s;
  s.id = "rock";
  s.lowest_bpm = 104;
  s.usual_bpm = 124;
  s.highest_bpm = 150;
  s.looseness_ms = 5;
  s.liveliness = 25;
  s.default_seconds = 86;
  s.lift_semitones = 2;
  s.valence = 15;
  s.arousal = 80;
  s.forms = {"IABO", "IABABO", "IABABCBO", "IABABCBBO", "IABABCABDBBO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 4,
       .verse = {"i | bVII | bVI | bVII", "i | i | bIII | bVII", "i | bVI | bVII | i"},
       .chorus = {"bVI | bVII | i | bIII", "i | bVI | bIII | bVII", "bIII | bVII | i | bVI"},
       .bridge = {"iv | bVI | bIII | bVII", "bVI | iv | bVII | v"},
       .dominant = "bVII V",
       .farewell = "bVI | bVII | bVI | bVII",
       .tonic = "i"},
      {.minor = false,
       .scale = scale_id::mixolydian,
       .weight = 3,
       .verse = {"I | bVII | IV | I", "I | IV | I | bVII", "I | IV | V | IV"},
       .chorus = {"I | V | IV | IV", "IV | I | V | IV", "I | bVII | IV | V"},
       .bridge = {"vi | IV | bVII | V", "ii | IV | vi | V"},
       .dominant = "V",
       .farewell = "IV | V | IV | V",
       .tonic = "I"},
  };
  s.melody = {60,
              81,
              {"x-x-x---x-x-....", "x--x--x-x---....", "..x-x-x-x--x----", "x-x---x-x-x-...."},
              {"x---x-x-x---x---", "x--x--x-x-x-x---", "x-----x-x-x-x---", "x-x-x---x-x-x-x-"},
              {"x-----------....", "x--x--------....", "x-x-x-------...."}};
  s.parts = {
      {.name = "clean lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 27,
       .loudness = -20.5,
       .pan = 0.15,
       .reverb = 0.3,
       .chorus = 0.2,
       .lowest = 60,
       .highest = 81,
       .to_energy = 69},
      {.name = "lead guitar",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 29,
       .loudness = -19,
       .pan = 0.05,
       .reverb = 0.3,
       .lowest = 60,
       .highest = 84,
       .from_energy = 70,
       .swells = true},
      {.name = "rhythm guitar left",
       .role = part_role::chords,
       .plays = figure::strum,
       .program = 30,
       .loudness = -22,
       .pan = -0.6,
       .reverb = 0.1,
       .lowest = 43,
       .highest = 62,
       .from_energy = 72,
       .voices = 3,
       .patterns = {{0, "X-x-x-x-X-x-x-x-"}, {0, "X--x--x-X--x--x-"}, {0, "X---x-x-X-x-x-xx"}}},
      {.name = "rhythm guitar right",
       .role = part_role::chords,
       .plays = figure::strum,
       .program = 29,
       .loudness = -22.5,
       .pan = 0.6,
       .reverb = 0.1,
       .lowest = 47,
       .highest = 66,
       .from_energy = 46,
       .voices = 4,
       .late_ms = 7,
       .patterns = {{0, "X-------o---x---"}, {0, "X-----x-----x-x-"}, {75, "X-x-x-x-x-x-x-x-"}, {75, "X--x--x---x-x---"}}},
      {.name = "clean guitar",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 27,
       .loudness = -22,
       .pan = -0.35,
       .reverb = 0.3,
       .chorus = 0.3,
       .lowest = 52,
       .highest = 71,
       .to_energy = 72,
       .voices = 4,
       .rings = true,
       .patterns = {{0, "1-2-3-4-3-2-3-2-"}, {0, "1-3-2-4-3-4-2-3-"}, {0, "1---3-2-4---3-2-"}}},
      {.name = "organ",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 18,
       .loudness = -26,
       .pan = 0.2,
       .reverb = 0.3,
       .lowest = 52,
       .highest = 72,
       .from_energy = 62,
       .voices = 3,
       .swells = true},
      {.name = "bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 34,
       .loudness = -19,
       .reverb = 0.02,
       .lowest = 28,
       .highest = 47,
       .from_energy = 38,
       .patterns = {{0, "R-------r-----r-"},
                    {0, "R-----r-r-------"},
                    {48, "R-r-r-r-r-r-r-r-"},
                    {48, "R-----r-R-r---n-"},
                    {75, "R-r-r-r-R-r-r-n-"},
                    {75, "R-r-R-r-R-o-r-n-"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 16,
       .loudness = -18,
       .reverb = 0.15,
       .from_energy = 36},
  };
  s.grooves = {
      {0, {{36, "8.......8......."}, {42, "6.5.6.5.6.5.6.5."}}},
      {50, {{36, "9.....6.8......."}, {38, "....9.......9..."}, {42, "7.5.7.5.7.5.7.5."}}},
      {50, {{36, "9......79.6....."}, {38, "....9..2....9..2"}, {42, "7.5.7.5.7.5.7.5."}}},
      {75, {{36, "9.....8.9.8....."}, {38, "....9.......9..."}, {46, "7...7...7...7..."}, {51, "..6...6...6...6."}}},
      {75, {{36, "9..7..8.9.....8."}, {38, "....9.......9..3"}, {51, "7.6.8.6.7.6.8.6."}}},
  };
  s.fills = {{0, {{38, "............6.78"}}},
             {60, {{38, "........88......"}, {48, "..........88...."}, {45, "............88.."}, {41, "..............99"}}},
             {60, {{38, "........7.788.89"}, {36, "........8...8..."}}}};
  s.mix = {.room_size = 0.45, .room_level = 0.25, .stereo_width = 1.15};
  return s;
}

}  // namespace music::local::styles
