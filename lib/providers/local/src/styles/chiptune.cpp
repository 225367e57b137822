#include "styles.hpp"

namespace music::local::styles {

style chiptune() {
  style s;
  s.id = "chiptune";
  s.lowest_bpm = 120;
  s.usual_bpm = 138;
  s.highest_bpm = 160;
  s.looseness_ms = 0;
  s.liveliness = 20;
  s.default_seconds = 78;
  s.lift_semitones = 2;
  s.valence = 65;
  s.arousal = 70;
  s.forms = {"IABO", "IABABO", "IABABCBO", "IABACABBO", "IABABCABDBBO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 5,
       .verse = {"I | V | vi | IV", "I | bVII | IV | I", "I | vi | IV | V"},
       .chorus = {"IV | V | I | vi", "IV | V | iii | vi", "bVI | bVII | I | I"},
       .bridge = {"vi | iii | IV | V", "ii | V | I | vi"},
       .dominant = "V7",
       .farewell = "IV | V | bVI | bVII",
       .tonic = "I"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 3,
       .verse = {"i | bVII | bVI | V7", "i | bVI | bIII | bVII"},
       .chorus = {"bVI | bVII | i | bIII", "iv | bVII | bIII | V7"},
       .bridge = {"iv | i | bVI | V", "bIII | bVII | bVI | V"},
       .dominant = "V7",
       .farewell = "bVI | bVII | i | V7",
       .tonic = "i"},
  };
  s.melody = {67,
              91,
              {"x-x-x-..x-x-x-..", "x--x--x-x-x-x---", "x-x---x-x-x---x-", "x---x-x-x--x--x-"},
              {"x--x--x-x--x--x-", "x-x-x-x-x---x---", "x-xxx-x-x-x-x---", "x--x--x---x-x-x-"},
              {"x-x-x-------....", "x-----x-----....", "x--x--x-----...."}};
  s.parts = {
      {.name = "pulse lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 80,
       .loudness = -19,
       .reverb = 0.08,
       .lowest = 67,
       .highest = 91},
      {.name = "pulse two",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 80,
       .loudness = -24,
       .pan = 0.3,
       .reverb = 0.08,
       .lowest = 60,
       .highest = 86,
       .from_energy = 75},
      {.name = "blip answer",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 79,
       .loudness = -25,
       .pan = -0.4,
       .reverb = 0.1,
       .lowest = 72,
       .highest = 92,
       .from_energy = 44},
      {.name = "pulse arpeggio",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 80,
       .loudness = -25,
       .pan = -0.25,
       .reverb = 0.08,
       .lowest = 55,
       .highest = 74,
       .voices = 3,
       .patterns = {{0, "1.2.3.2.1.2.3.2."}, {48, "1231231231231234"}, {48, "1233123312331233"}, {75, "1234321234543212"}}},
      {.name = "triangle bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 38,
       .loudness = -19,
       .reverb = 0.02,
       .lowest = 33,
       .highest = 52,
       .from_energy = 38,
       .patterns = {{0, "R---r---r---5---"}, {48, "R-r-5-r-o-r-5-r-"}, {48, "R-o-R-o-R-o-R-n-"}, {75, "R-orR-orR-5rR-on"}}},
      {.name = "noise drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 24,
       .loudness = -20,
       .reverb = 0.02,
       .from_energy = 46},
  };
  s.grooves = {
      {0, {{36, "8.......8......."}, {42, "5...5...5...5..."}}},
      {50, {{36, "8.....7.8......."}, {38, "....8.......8..."}, {42, "5.5.5.5.5.5.5.5."}}},
      {75, {{36, "8..7..8.8..7...."}, {38, "....8.......8..6"}, {42, "6.5.6.5.6.5.6.55"}}},
  };
  s.fills = {{0, {{38, "............6.77"}}},
             {60, {{38, "........66.66789"}}},
             {60, {{50, "........77......"}, {47, "..........77...."}, {43, "............8888"}}}};
  s.mix = {.room_size = 0.25, .room_level = 0.12, .stereo_width = 1.0};
  return s;
}

}  // namespace music::local::styles
