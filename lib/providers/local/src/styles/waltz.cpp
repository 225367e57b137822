#include "styles.hpp"

namespace music::local::styles {

style waltz() {
  style s;
  s.id = "waltz";
  s.lowest_bpm = 120;
  s.usual_bpm = 144;
  s.highest_bpm = 172;
  s.beats_per_bar = 3;
  s.looseness_ms = 8;
  s.liveliness = 10;
  s.default_seconds = 82;
  s.ring_seconds = 3;
  s.ritardando = true;
  s.valence = 40;
  s.arousal = 15;
  s.forms = {"IABO", "IABAO", "IABABO", "IAABBO", "IABACABO", "IAABBCABO", "IAABBCCABABO", "IAABBCCAABBCCABO"};
  s.palettes = {
      {.minor = false,
       .scale = scale_id::ionian,
       .weight = 4,
       .verse = {"I | I | V7 | V7 | V7 | V7 | I | I", "I | vi | ii7 | V7 | I | vi | ii7 V7 | I"},
       .chorus = {"IV | IV | I | I | ii | V7 | I | I", "vi | vi | ii | ii | V7 | V7 | I | I"},
       .bridge = {"vi | III7 | vi | vi | II7 | II7 | V | V7", "IV | IV | I | I | II7 | II7 | V7 | V7"},
       .dominant = "V7",
       .farewell = "IV | I | V7 | V7",
       .tonic = "I"},
      {.minor = true,
       .scale = scale_id::aeolian,
       .weight = 3,
       .verse = {"i | i | iv | iv | V7 | V7 | i | i", "i | bVI | iv | V7 | i | bVI | ii7b5 | V7"},
       .chorus = {"bVI | bVII | bIII | bIII | iv | V7 | i | i", "iv | iv | i | i | V7 | V7 | i | i"},
       .bridge = {"bIII | bIII | bVII | bVII | iv | iv | V7 | V7", "bVI | bVI | bIII | bIII | ii7b5 | ii7b5 | V7 | V7"},
       .dominant = "V7",
       .farewell = "iv | i | V7 | V7",
       .tonic = "i"},
  };
  s.melody = {64,
              86,
              {"x-------x---", "x---x---x---", "x---x-x-x---", "x-----x-x---"},
              {"x---x-x-x-x-", "x-----x-x---", "x-x-x---x---", "x---x---x-x-"},
              {"x-----------", "x-------....", "x---x-------"}};
  s.parts = {
      {.name = "clarinet",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 71,
       .loudness = -20.5,
       .pan = 0.2,
       .reverb = 0.45,
       .lowest = 60,
       .highest = 82,
       .to_energy = 72,
       .swells = true},
      {.name = "violins",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 48,
       .loudness = -19,
       .pan = -0.3,
       .reverb = 0.45,
       .lowest = 64,
       .highest = 88,
       .from_energy = 73,
       .late_ms = -14,
       .swells = true},
      {.name = "flute",
       .role = part_role::counter,
       .plays = figure::answer,
       .program = 73,
       .loudness = -24,
       .pan = 0.3,
       .reverb = 0.45,
       .lowest = 72,
       .highest = 93,
       .from_energy = 50},
      {.name = "violas",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 48,
       .loudness = -24,
       .pan = 0.1,
       .reverb = 0.45,
       .lowest = 55,
       .highest = 79,
       .from_energy = 76,
       .late_ms = -14,
       .swells = true},
      {.name = "pizzicato",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 45,
       .loudness = -20,
       .pan = 0.15,
       .reverb = 0.4,
       .lowest = 52,
       .highest = 71,
       .voices = 3,
       .patterns = {{0, "....s---o---"}, {56, "....x---x---"}, {56, "....x---x-o-"}}},
      {.name = "horns",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 60,
       .loudness = -24,
       .pan = 0.25,
       .reverb = 0.45,
       .lowest = 50,
       .highest = 69,
       .from_energy = 76,
       .voices = 3,
       .patterns = {{0, "....s---s---"}}},
      {.name = "cello thread",
       .role = part_role::counter,
       .plays = figure::guide,
       .program = 42,
       .loudness = -24,
       .pan = 0.3,
       .reverb = 0.4,
       .lowest = 48,
       .highest = 64,
       .from_energy = 54,
       .swells = true},
      {.name = "string cushion",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 49,
       .loudness = -24,
       .reverb = 0.5,
       .lowest = 52,
       .highest = 72,
       .from_energy = 60,
       .voices = 3,
       .swells = true},
      {.name = "basses",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 45,
       .loudness = -19,
       .pan = 0.2,
       .reverb = 0.3,
       .lowest = 31,
       .highest = 50,
       .from_energy = 30,
       .patterns = {{0, "R-----------R-----------"}, {0, "R-----------r-------n---"}, {70, "R-----------r-----5-n---"}}},
      {.name = "percussion",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 48,
       .loudness = -24,
       .reverb = 0.4,
       .from_energy = 72},
  };
  s.grooves = {
      {0, {{36, "7..........."}, {38, "....4...4..."}}},
      {80, {{36, "8..........."}, {38, "....5...5.3."}, {81, "6..........."}}},
  };
  s.fills = {{0, {{38, "....3.4.5.66"}}}};
  s.mix = {.room_size = 0.75, .room_level = 0.5, .stereo_width = 1.2};
  return s;
}

}  // namespace music::local::styles
