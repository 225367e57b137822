#include "styles.hpp"

namespace music::local::styles {

style celtic() {
  style s;
  s.id = "celtic";
  s.lowest_bpm = 100;
  s.usual_bpm = 116;
  s.highest_bpm = 136;
  s.looseness_ms = 6;
  s.default_seconds = 82;
  s.ritardando = true;
  s.crash_key = 0;
  s.valence = 45;
  s.arousal = 40;
  s.forms = {"IABO", "IABABO", "IAABBO", "IABABCBO", "IAABBCABBO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::dorian,
       .weight = 4,
       .verse = {"i | bVII | i | bVII", "i | i | bVII | v", "i | IV | bVII | i"},
       .chorus = {"bIII | bVII | i | bVII", "bIII | IV | bVII | i"},
       .bridge = {"IV | i | bVII | v", "bIII | bVII | IV | bVII"},
       .dominant = "bVII",
       .farewell = "i | bVII | i | bVII",
       .tonic = "i"},
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 4,
       .verse = {"I | IV | I | V", "I | V | vi | V", "I | vi | IV | V"},
       .chorus = {"IV | I | V | I", "vi | IV | I | V"},
       .bridge = {"vi | V | IV | V", "ii | IV | vi | V"},
       .dominant = "V",
       .farewell = "I | IV | I | V",
       .tonic = "I"},
  };
  s.melody = {64,
              86,
              {"x-x-x-x-x-x-x-x-", "x---x-x-x---x-x-", "x-xxx-x-x-x-x---", "x--xx-x-x-x-x---"},
              {"x-xxx-x-x-xxx-x-", "x-x-x-x-x-x-x---", "x---x-x-x-xxx---"},
              {"x-x-x-------....", "x---x-------....", "x-x-x---x-------"}};
  s.parts = {
      {.name = "tin whistle",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 74,
       .loudness = -20,
       .pan = 0.1,
       .reverb = 0.35,
       .lowest = 72,
       .highest = 93},
      {.name = "fiddle",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 110,
       .loudness = -20,
       .pan = -0.1,
       .reverb = 0.35,
       .lowest = 62,
       .highest = 86,
       .from_energy = 62},
      {.name = "harp",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 46,
       .loudness = -21,
       .pan = -0.35,
       .reverb = 0.35,
       .lowest = 52,
       .highest = 72,
       .voices = 4,
       .rings = true,
       .patterns = {{0, "1---2---3---4---"}, {48, "1-2-3-4-1-2-3-4-"}, {48, "1-3-2-4-3-4-2-3-"}}},
      {.name = "guitar",
       .role = part_role::chords,
       .plays = figure::strum,
       .program = 25,
       .loudness = -22,
       .pan = 0.4,
       .reverb = 0.2,
       .lowest = 47,
       .highest = 70,
       .from_energy = 56,
       .voices = 5,
       .patterns = {{0, "X---u-u-x---u-u-"}, {0, "X-u-x-u-x-u-x-u-"}, {75, "X-uux-uuX-uux-uu"}, {75, "X--ux-u-X--ux-uu"}}},
      {.name = "drone",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 21,
       .loudness = -25,
       .pan = 0.2,
       .reverb = 0.4,
       .lowest = 50,
       .highest = 67,
       .from_energy = 50,
       .voices = 3,
       .swells = true},
      {.name = "bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 32,
       .loudness = -20,
       .reverb = 0.08,
       .lowest = 28,
       .highest = 48,
       .from_energy = 46,
       .patterns = {{0, "R-------5-------"}, {70, "R---r---5---n---"}, {70, "R---5---R---n---"}}},
      {.name = "bodhran",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 0,
       .loudness = -22,
       .reverb = 0.2,
       .from_energy = 52},
  };
  s.grooves = {
      {0, {{41, "7...4.4.6...4.4."}}},
      {62, {{41, "8..44.4.7..44.4."}, {45, "......5.......5."}}},
      {75, {{41, "8.445.458.445.45"}, {45, "....6.......6..."}, {54, "....5.......5..."}}},
  };
  s.fills = {{0, {{45, "............5.55"}}}, {60, {{45, "........6.66...."}, {41, "............7777"}}}};
  s.mix = {.room_size = 0.6, .room_level = 0.4, .stereo_width = 1.2};
  return s;
}

}  // namespace music::local::styles
