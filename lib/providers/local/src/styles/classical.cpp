#include "styles.hpp"

namespace music::local::styles {

style classical() {
  style s;
  s.id = "classical";
  s.lowest_bpm = 66;
  s.usual_bpm = 84;
  s.highest_bpm = 112;
  s.looseness_ms = 9;
  s.default_seconds = 84;
  s.ring_seconds = 4;
  s.ritardando = true;
  s.crash_key = 0;
  s.valence = 10;
  s.arousal = -30;
  s.forms = {"IABO", "IABAO", "IABACBO", "IABACABO", "IABABCABO", "IABACABACBO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 4,
       .verse = {"I | V7 | vi | iii | IV | I | ii7 | V7", "I | IV | ii7 | V7 | I | vi | ii7 V7 | I", "I | vi | ii7 | V7"},
       .chorus = {"IV | V7 | I | vi | ii7 | V7 | I | I", "vi | iii | IV | I", "IV | I | ii7 | V7"},
       .bridge = {"vi | III7 | vi | II7 | V | iii | IV | V7", "iii | vi | ii | V7"},
       .dominant = "ii7 V7",
       .farewell = "IV | I | ii7 | V7",
       .tonic = "I"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 4,
       .verse = {"i | iv | V7 | i | bVI | iv | ii7b5 | V7", "i | V7 | i | iv | bVI | bIII | iv | V7", "i | bVI | iv | V7"},
       .chorus = {"bIII | bVII | iv | i | bVI | iv | V7 | i", "bVI | bVII | bIII | i", "iv | bVII | bIII | bVI"},
       .bridge = {"bVI | bIII | iv | i | bVI | ii7b5 | V7 | V7", "bIII | iv | ii7b5 | V7"},
       .dominant = "ii7b5 V7",
       .farewell = "iv | i | ii7b5 | V7",
       .tonic = "i"},
  };
  s.melody = {65,
              88,
              {"x---x---x-x-x---", "x-----x-x-x-x---", "x---x-x-x---x---", "x-x-x---x---x---"},
              {"x-x-x-x-x---x---", "x--xx-x-x-x-x---", "x---x-xxx---x-x-", "x-----x-x-xxx---"},
              {"x-------x---....", "x---x-------....", "x-x-x-------...."}};
  s.parts = {
      {.name = "right hand",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 0,
       .loudness = -18,
       .pan = 0.12,
       .reverb = 0.35,
       .lowest = 65,
       .highest = 90},
      {.name = "inner voice",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 0,
       .loudness = -24,
       .pan = 0.08,
       .reverb = 0.35,
       .lowest = 57,
       .highest = 84,
       .from_energy = 72},
      {.name = "left hand",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 0,
       .loudness = -21,
       .pan = -0.12,
       .reverb = 0.35,
       .lowest = 48,
       .highest = 67,
       .voices = 3,
       .rings = true,
       .patterns = {{0, "1---3---2---3---"},
                    {0, "1---2---3---2---"},
                    {46, "1-3-2-3-1-3-2-3-"},
                    {46, "1-2-3-2-1-2-3-2-"},
                    {75, "1-2-3-4-3-2-3-2-"},
                    {75, "1232123212321232"}}},
      {.name = "octaves",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 0,
       .loudness = -20.5,
       .pan = -0.15,
       .reverb = 0.3,
       .lowest = 31,
       .highest = 50,
       .from_energy = 34,
       .patterns = {{0, "R---------------"}, {56, "R-------5-------"}, {75, "R-------o---5---"}, {75, "R---5---o---5---"}}},
      {.name = "strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 49,
       .loudness = -26,
       .pan = 0.2,
       .reverb = 0.5,
       .lowest = 52,
       .highest = 72,
       .from_energy = 80,
       .voices = 3,
       .swells = true},
  };
  s.mix = {.room_size = 0.7, .room_level = 0.45, .stereo_width = 1.15};
  return s;
}

}  // namespace music::local::styles
