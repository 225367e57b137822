#include "styles.hpp"

namespace music::local::styles {

style synthwave() {
  style s;
  s.id = "synthwave";
  s.lowest_bpm = 88;
  s.usual_bpm = 102;
  s.highest_bpm = 120;
  s.looseness_ms = 2;
  s.liveliness = 15;
  s.default_seconds = 88;
  s.lift_semitones = 2;
  s.valence = 5;
  s.arousal = 40;
  s.forms = {"IABO", "IABABO", "IABABCBO", "IABABDBO", "IABABCBBO", "IABABDABCBBO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 6,
       .verse = {"i | bVI | bIII | bVII", "i | i | bVI | bVII", "i | bVII | bVI | v7"},
       .chorus = {"bVI | bVII | i | bIII", "bVI | bIII | bVII | i", "iv | bVI | bIII | bVII"},
       .bridge = {"iv | bVI | i | bVII", "bVImaj7 | bVII | v7 | i"},
       .dominant = "V7sus4 V7",
       .farewell = "bVI | bVII | i | bVI bVII",
       .tonic = "iadd9"},
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 2,
       .verse = {"I | V | vi | IV", "vi | IV | I | V"},
       .chorus = {"IV | V | iii | vi", "IV | I | V | vi"},
       .bridge = {"ii | vi | IV | V", "IVmaj7 | iii | vi | V"},
       .dominant = "V7sus4 V7",
       .farewell = "IV | V | vi | IV V",
       .tonic = "Iadd9"},
  };
  s.melody = {64,
              86,
              {"x-----x---x---..", "..x-x-x-----x---", "x---x---x--x----", "x--x--x-----...."},
              {"x--x--x-x--x--x-", "x-----x-x---x---", "x---x-x-x-----x-", "x--x----x--x--x-"},
              {"x-----------....", "x--x--------....", "x---x-------...."}};
  s.parts = {
      {.name = "saw lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 81,
       .loudness = -20,
       .pan = 0.05,
       .reverb = 0.35,
       .chorus = 0.3,
       .lowest = 64,
       .highest = 86,
       .from_energy = 70,
       .swells = true},
      {.name = "square lead",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 80,
       .loudness = -23,
       .pan = -0.1,
       .reverb = 0.4,
       .chorus = 0.2,
       .lowest = 60,
       .highest = 84,
       .to_energy = 69},
      {.name = "echo lead",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 84,
       .loudness = -26,
       .pan = 0.4,
       .reverb = 0.5,
       .lowest = 66,
       .highest = 86,
       .from_energy = 56},
      {.name = "poly synth",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 90,
       .loudness = -23,
       .pan = -0.2,
       .reverb = 0.3,
       .chorus = 0.4,
       .lowest = 53,
       .highest = 72,
       .from_energy = 58,
       .voices = 3,
       .patterns = {{0, "X-----x---o-----"}, {0, "X--x--------x---"}, {75, "X--x--x---x--x--"}, {75, "X-----x--x--x---"}}},
      {.name = "wide pad",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 95,
       .loudness = -23,
       .reverb = 0.5,
       .chorus = 0.4,
       .lowest = 52,
       .highest = 74,
       .voices = 4,
       .swells = true},
      {.name = "arpeggio",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 80,
       .loudness = -26,
       .pan = 0.35,
       .reverb = 0.3,
       .lowest = 60,
       .highest = 79,
       .from_energy = 38,
       .voices = 3,
       .patterns = {{0, "1.2.3.4.3.2.3.2."}, {0, "1.3.2.4.1.3.2.3."}, {60, "1234323412343234"}, {60, "1324132413241324"}}},
      {.name = "synth bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 38,
       .loudness = -19,
       .lowest = 28,
       .highest = 47,
       .from_energy = 44,
       .patterns = {{0, "R-r-r-r-r-r-r-r-"}, {0, "R-r-r-o-r-r-o-r-"}, {75, "RrorrrorRrorrror"}, {75, "R.rrR.rrR.roR.rn"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 24,
       .loudness = -18,
       .reverb = 0.15,
       .from_energy = 46},
  };
  s.grooves = {
      {0, {{36, "9.......8......."}, {42, "..5...5...5...5."}}},
      {52, {{36, "9...9...9...9..."}, {40, "....9.......9..."}, {42, "5.6.5.6.5.6.5.6."}}},
      {52, {{36, "9......69.8....."}, {40, "....9.......9..."}, {42, "6.5.6.5.6.5.6.55"}}},
      {75, {{36, "9...9...9...9.6."}, {40, "....9.......9..5"}, {42, "6566656665666566"}, {46, "..6...6...6...6."}}},
  };
  s.fills = {{0, {{40, "............5.67"}}},
             {60, {{40, "........6.6.6789"}, {47, "........7......."}, {45, "..........7....."}, {41, "............8..."}}},
             {60, {{50, "........88......"}, {47, "..........88...."}, {45, "............88.."}, {41, "..............99"}}}};
  s.mix = {.sidechain_depth = 0.45, .room_size = 0.6, .room_level = 0.4, .stereo_width = 1.2};
  return s;
}

}  // namespace music::local::styles
