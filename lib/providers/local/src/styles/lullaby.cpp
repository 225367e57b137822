#include "styles.hpp"

namespace music::local::styles {

style lullaby() {
  style s;
  s.id = "lullaby";
  s.lowest_bpm = 62;
  s.usual_bpm = 74;
  s.highest_bpm = 88;
  s.beats_per_bar = 3;
  s.looseness_ms = 7;
  s.default_seconds = 80;
  s.ring_seconds = 4;
  s.ritardando = true;
  s.crash_key = 0;
  s.valence = 55;
  s.arousal = -70;
  s.forms = {"IABO", "IABAO", "IABABO", "IABACABO", "IABABCABO", "IABABCABACBO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 5,
       .verse = {"I | IV | I | V7", "I | vi | IV | V7", "I | iii | IV | I"},
       .chorus = {"IV | I | ii7 | V7", "IV | V | iii | vi", "vi | iii | IV | I"},
       .bridge = {"vi | ii7 | V | I", "ii7 | vi | IV | V"},
       .dominant = "V7",
       .farewell = "IV | I | ii7 | V7",
       .tonic = "I"},
  };
  s.melody = {67,
              86,
              {"x---x---x---", "x-------x---", "x---x-x-x---", "x-----x-x---"},
              {"x---x-x-x---", "x-----x-x-x-", "x-x-x---x---"},
              {"x-------....", "x---x-------"}};
  s.parts = {
      {.name = "music box",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 10,
       .loudness = -20,
       .pan = 0.05,
       .reverb = 0.45,
       .lowest = 72,
       .highest = 96,
       .late_ms = 3},
      {.name = "flute",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 73,
       .loudness = -23,
       .pan = 0.3,
       .reverb = 0.4,
       .lowest = 60,
       .highest = 84,
       .from_energy = 75,
       .swells = true},
      {.name = "celesta",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 8,
       .loudness = -25,
       .pan = -0.3,
       .reverb = 0.45,
       .lowest = 72,
       .highest = 91,
       .from_energy = 48},
      {.name = "harp",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 46,
       .loudness = -21,
       .pan = -0.2,
       .reverb = 0.35,
       .lowest = 52,
       .highest = 72,
       .voices = 3,
       .rings = true,
       .patterns = {{0, "1---2---3---"},
                    {0, "1---3---2---"},
                    {48, "1-2-3-2-3-2-"},
                    {48, "1-3-2-3-2-3-"},
                    {75, "1-2-3-4-3-2-"},
                    {75, "1-3-2-4-3-2-"}}},
      {.name = "soft strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 49,
       .loudness = -23,
       .reverb = 0.45,
       .lowest = 52,
       .highest = 70,
       .from_energy = 56,
       .voices = 3,
       .swells = true},
      {.name = "double bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 32,
       .loudness = -21,
       .reverb = 0.15,
       .lowest = 31,
       .highest = 50,
       .from_energy = 42,
       .patterns = {{0, "R-----------"}, {60, "R-------5---"}}},
  };
  s.mix = {.low_pass_hz = 11000, .room_size = 0.6, .room_level = 0.5, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
