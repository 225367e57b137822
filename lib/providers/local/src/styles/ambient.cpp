#include "styles.hpp"

namespace music::local::styles {

style ambient() {
  style s;
  s.id = "ambient";
  s.lowest_bpm = 54;
  s.usual_bpm = 64;
  s.highest_bpm = 76;
  s.looseness_ms = 12;
  s.default_seconds = 98;
  s.ring_seconds = 7;
  s.crash_key = 0;
  s.valence = 15;
  s.arousal = -80;
  s.forms = {"IABO", "IABAO", "IABDBO", "IABABO", "IABCABDBO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::lydian,
       .weight = 4,
       .verse = {"Iadd9 | II | Imaj7 | vi7", "Imaj9 | iii7 | vi9 | II"},
       .chorus = {"Iadd9 | V | vi7 | II", "vi9 | V | Imaj9 | II"},
       .bridge = {"vi9 | iii7 | vi9 | V", "iii7 | vi9 | V | II"},
       .dominant = "Vadd9",
       .farewell = "vi7 | Imaj9 | vi7 | V",
       .tonic = "Iadd9"},
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 3,
       .verse = {"Iadd9 | Vsus4 | vi7 | IVadd9", "Imaj9 | IVmaj9 | Imaj9 | ii7"},
       .chorus = {"IVadd9 | Iadd9 | Vsus4 | vi9", "IVmaj9 | vi9 | Iadd9 | Vsus4"},
       .bridge = {"ii9 | vi9 | IVmaj9 | Vsus4", "vi9 | iii7 | IVadd9 | Iadd9"},
       .dominant = "Vsus4",
       .farewell = "IVadd9 | Iadd9 | IVadd9 | Vsus4",
       .tonic = "Iadd9"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 3,
       .verse = {"iadd9 | bVImaj7 | bIII | bVIIsus4", "i9 | v7 | bVImaj9 | iv9"},
       .chorus = {"bVImaj9 | bVIIadd9 | iadd9 | bIIImaj7", "bIII | bVII | iv9 | bVImaj7"},
       .bridge = {"iv9 | bVImaj7 | bIII | v7", "bVImaj9 | iv9 | bVImaj9 | v7"},
       .dominant = "bVIIsus4",
       .farewell = "bVImaj7 | iv9 | bVImaj7 | v7",
       .tonic = "iadd9"},
  };
  s.melody = {64,
              86,
              {"x-------x-------", "x-----------x---", "....x-------x---", "x-------....x---"},
              {"x---x---x-------", "x-------x---x---", "x-----x---------"},
              {"x---------------", "x---x-----------"}};
  s.parts = {
      {.name = "soft piano",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 0,
       .loudness = -23,
       .pan = 0.1,
       .reverb = 0.7,
       .lowest = 62,
       .highest = 88,
       .to_energy = 70,
       .late_ms = 8},
      {.name = "bowed glass",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 92,
       .loudness = -21,
       .pan = -0.1,
       .reverb = 0.6,
       .lowest = 62,
       .highest = 86,
       .from_energy = 71,
       .swells = true},
      {.name = "warm pad",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 89,
       .loudness = -20,
       .reverb = 0.6,
       .chorus = 0.3,
       .lowest = 50,
       .highest = 72,
       .voices = 4,
       .swells = true},
      {.name = "choir pad",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 91,
       .loudness = -22,
       .pan = 0.25,
       .reverb = 0.7,
       .lowest = 60,
       .highest = 80,
       .from_energy = 60,
       .voices = 3,
       .swells = true},
      {.name = "harp",
       .role = part_role::arpeggio,
       .plays = figure::arpeggio,
       .program = 46,
       .loudness = -24,
       .pan = -0.35,
       .reverb = 0.6,
       .lowest = 55,
       .highest = 76,
       .from_energy = 46,
       .voices = 4,
       .late_ms = 4,
       .rings = true,
       .patterns = {{0, "1---2---3---4---"}, {0, "1---3---2---4---"}, {60, "1-2-3-4-5-4-3-2-"}, {60, "1-3-2-4-3-5-4-6-"}}},
      {.name = "strings thread",
       .role = part_role::counter,
       .plays = figure::guide,
       .program = 49,
       .loudness = -24,
       .pan = 0.3,
       .reverb = 0.6,
       .lowest = 55,
       .highest = 74,
       .from_energy = 50,
       .swells = true},
      {.name = "deep bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 38,
       .loudness = -17,
       .reverb = 0.1,
       .lowest = 28,
       .highest = 45,
       .from_energy = 42,
       .patterns = {{0, "R---------------"}, {70, "R-------r-------"}}},
  };
  s.mix = {.low_pass_hz = 9500, .room_size = 0.9, .room_level = 0.7, .stereo_width = 1.25};
  return s;
}

}  // namespace music::local::styles
