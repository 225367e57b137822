#include "styles.hpp"

namespace music::local::styles {

style funk() {
  style s;
  s.id = "funk";
  s.lowest_bpm = 96;
  s.usual_bpm = 106;
  s.highest_bpm = 118;
  s.swing_percent = 54;
  s.looseness_ms = 4;
  s.liveliness = 45;
  s.default_seconds = 84;
  s.valence = 60;
  s.arousal = 60;
  s.forms = {"IABO", "IABABO", "IABABCBO", "IABADBABO", "IABABCABDBBO"};
  s.palettes = {
      {.minor = true,
       .scale = scale_id::dorian,
       .weight = 4,
       .verse = {"i9 | i9 | IV9 | i9", "i7 | IV9 | i7 | IV9", "i9 | bVII | IV9 | i9"},
       .chorus = {"bVImaj7 | bVII | i9 | IV9", "iv9 | bVII9 | bIIImaj7 | bVImaj7", "bIIImaj7 | bVII | IV9 | i9"},
       .bridge = {"iv9 | v7 | iv9 | bVII9", "bIIImaj7 | IV9 | v7 | bVII9"},
       .dominant = "v7 V7",
       .farewell = "i9 | IV9 | i9 | v7 V7",
       .tonic = "i9"},
      {.minor = false,
       .scale = scale_id::mixolydian,
       .weight = 2,
       .verse = {"I9 | I9 | IV9 | I9", "I9 | bVII | IV9 | I9"},
       .chorus = {"IV9 | I9 | ii7 | V9sus4", "IV9 | iii7 | ii7 | V9sus4"},
       .bridge = {"vi7 | ii7 | vi7 | V9sus4", "ii9 | bVII9 | ii9 | V9sus4"},
       .dominant = "V9sus4 V9",
       .farewell = "IV9 | I9 | IV9 | V9sus4",
       .tonic = "I9"},
  };
  s.melody = {60,
              82,
              {"x-x..x--x-......", "..x-x.x-x--x....", "x-.x..x-..x-x-..", "x..x..x-x-......"},
              {"x-x-x--x..x-x-..", "x--x--x-x--x--x-", "x-.x-.x-x-x-x---", "..x-x-x-x-.x-.x-"},
              {"x-x---........x-", "x--x--......x-..", "x-----x-........"}};
  s.parts = {
      {.name = "alto sax",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 65,
       .loudness = -20,
       .pan = 0.1,
       .reverb = 0.2,
       .lowest = 58,
       .highest = 82,
       .to_energy = 74,
       .late_ms = 6},
      {.name = "horn section",
       .role = part_role::melody,
       .plays = figure::lead,
       .program = 61,
       .loudness = -19.5,
       .pan = -0.1,
       .reverb = 0.2,
       .lowest = 58,
       .highest = 82,
       .from_energy = 75},
      {.name = "horn harmony",
       .role = part_role::counter,
       .plays = figure::parallel,
       .program = 61,
       .loudness = -24,
       .pan = 0.25,
       .reverb = 0.2,
       .lowest = 55,
       .highest = 79,
       .from_energy = 78},
      {.name = "clav guitar",
       .role = part_role::chords,
       .plays = figure::strum,
       .program = 28,
       .loudness = -22,
       .pan = -0.45,
       .reverb = 0.1,
       .lowest = 55,
       .highest = 72,
       .from_energy = 38,
       .voices = 3,
       .patterns = {{0, "s..ss..s.ss.s..s"}, {0, ".ss.s.ss..s.s.ss"}, {70, "ssu.s.uss.u.ss.u"}, {70, "s.us.uss.us.suss"}}},
      {.name = "electric piano",
       .role = part_role::chords,
       .plays = figure::comp,
       .program = 4,
       .loudness = -22,
       .pan = 0.3,
       .reverb = 0.15,
       .chorus = 0.2,
       .lowest = 52,
       .highest = 70,
       .voices = 4,
       .patterns = {{0, "X-----x-..o---.."}, {0, "X--x------o--x--"}, {75, "X--x-.x-..x--x.a"}}},
      {.name = "strings",
       .role = part_role::pad,
       .plays = figure::pad,
       .program = 50,
       .loudness = -26,
       .reverb = 0.35,
       .lowest = 60,
       .highest = 79,
       .from_energy = 75,
       .voices = 3,
       .swells = true},
      {.name = "slap bass",
       .role = part_role::bass,
       .plays = figure::bass,
       .program = 36,
       .loudness = -18,
       .reverb = 0.02,
       .lowest = 28,
       .highest = 48,
       .from_energy = 44,
       .patterns = {{0, "R--r..o...5-7-.."}, {0, "R-.g.r..o.g.5-n-"}, {70, "R-.rg.o.R-.5g7on"}, {70, "Rg.r.og.r-5.7-on"}}},
      {.name = "drums",
       .role = part_role::drums,
       .plays = figure::drums,
       .program = 8,
       .loudness = -18.5,
       .reverb = 0.06,
       .from_energy = 38},
  };
  s.grooves = {
      {0, {{36, "9.........7....."}, {42, "6.5.6.5.6.5.6.5."}, {37, "....6.......6..."}}},
      {48, {{36, "9..6..7...7..6.."}, {38, "....9..3.3..9..3"}, {42, "6454645464546454"}}},
      {48, {{36, "9.6....7..8....."}, {38, "....9..3.3.39..."}, {42, "6.546.546.546.54"}}},
      {75, {{36, "9.6...7..68..6.."}, {38, "....9..4.4..9..4"}, {42, "7565756575657565"}, {46, "..............7."}}},
  };
  s.fills = {{0, {{38, "..........4.5.66"}}},
             {50, {{38, "........6.66.678"}, {47, "..........6....."}}},
             {50, {{38, "........77......"}, {47, "..........7.7..."}, {43, "............8.8."}}}};
  s.mix = {.room_size = 0.35, .room_level = 0.2, .stereo_width = 1.1};
  return s;
}

}  // namespace music::local::styles
