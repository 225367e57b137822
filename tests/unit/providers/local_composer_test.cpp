#include "composer.hpp"
#include "composer_title.hpp"
#include "form.hpp"
#include "intent.hpp"
#include "intent_words.hpp"
#include "midi.hpp"
#include "style.hpp"
#include "theory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace music::local;

namespace {

constexpr std::array<std::uint64_t, 3> seeds{1, 2, 77};

score compose_in(const style& chosen, std::uint64_t seed, std::optional<double> seconds = std::nullopt) {
  composition_request request;
  request.theme = "a walk by the river " + std::to_string(seed);
  request.style = std::string{chosen.id};
  request.seed = seed;
  request.duration_seconds = seconds;
  return compose(request);
}

bool is_pitched(const score& piece, const note& n) { return piece.parts[n.part].role != part_role::drums; }

const chord& chord_under(const score& piece, double beat) {
  const chord* found = &piece.chords.front();
  for (const auto& c : piece.chords) {
    found = c.start <= beat + 1e-6 ? &c : found;
  }
  return *found;
}

int lift_at(const score& piece, double beat) {
  int lift = 0;
  for (const auto& s : piece.form) {
    lift = s.first_bar * piece.beats_per_bar <= beat + 1e-6 ? s.lift : lift;
  }
  return lift;
}

/// Everything that makes a piece, as text.
std::string fingerprint(const score& piece) {
  std::string text = piece.title + piece.style + piece.key + std::to_string(piece.bpm) + to_midi(piece);
  for (const auto& n : piece.notes) {
    text += std::to_string(n.start) + std::to_string(n.length) + std::to_string(n.offset_ms) + ';';
  }
  return text;
}

/// The pitches of each part as they follow one another, for parts of one role.
std::vector<std::vector<int>> lines_of(const score& piece, part_role role) {
  std::vector<std::vector<int>> lines;
  for (std::size_t p = 0; p < piece.parts.size(); ++p) {
    if (piece.parts[p].role == role) {
      lines.emplace_back();
      for (const auto& n : piece.notes) {
        if (n.part == p) {
          lines.back().push_back(n.pitch);
        }
      }
    }
  }
  return lines;
}

std::size_t count_of(const score& piece, part_role role) {
  return static_cast<std::size_t>(
      std::count_if(piece.notes.begin(), piece.notes.end(), [&](const note& n) { return piece.parts[n.part].role == role; }));
}

const std::vector<std::pair<std::string, std::string>>& lexicon_examples() {
  static const std::vector<std::pair<std::string, std::string>> table{
      {"rainy night in Tokyo, lofi", "lofi"},
      {"study session with coffee", "lofi"},
      {"Lo-Fi HIP-HOP beats", "lofi"},
      {"gentle lullaby", "lullaby"},
      {"baby falls asleep", "lullaby"},
      {"a music box in the snow", "lullaby"},
      {"pixel hero jumps", "chiptune"},
      {"8-bit dungeon", "chiptune"},
      {"retro video game boss fight", "chiptune"},
      {"epic battle of dragons", "cinematic"},
      {"film trailer about a war", "cinematic"},
      {"neon highway at midnight", "synthwave"},
      {"80s synth drive", "synthwave"},
      {"campfire in the woods", "folk"},
      {"acoustic guitar road trip", "folk"},
      {"meditation under the stars", "ambient"},
      {"space journey through a nebula", "ambient"},
      {"smoky jazz bar", "jazz"},
      {"film noir detective", "jazz"},
      {"deep house for a beach party", "house"},
      {"Berlin techno", "house"},
      {"sad piano nocturne", "classical"},
      {"coffee on a balcony in Rio", "bossa"},
      {"bossa nova evening", "bossa"},
      {"angry punk anthem", "rock"},
      {"heavy metal thunder", "rock"},
      {"waltz at the palace ball", "waltz"},
      {"funky street party", "funk"},
      {"Irish tavern", "celtic"},
      {"dark trap beat in the hood", "trap"},
      {"sunny day in Jamaica", "reggae"},
      {"Wiegenlied für Emma", "lullaby"},
      {"Tränen im Regen", "lofi"},
      {"東京のジャズ", "jazz"},
      {"haunted house on the hill", "cinematic"},
      {"hip hop, not jazz", "trap"},
  };
  return table;
}

}  // namespace

TEST_CASE("the same request gives the same score and another seed another one") {
  for (const auto& chosen : all_styles()) {
    CAPTURE(chosen.id);

    const auto first = fingerprint(compose_in(chosen, 5));

    CHECK(first == fingerprint(compose_in(chosen, 5)));
    CHECK(first != fingerprint(compose_in(chosen, 6)));
  }
}

TEST_CASE("every style writes sorted notes in range that end before the piece does") {
  for (const auto& chosen : all_styles()) {
    for (const auto seed : seeds) {
      CAPTURE(chosen.id, seed);

      const auto piece = compose_in(chosen, seed);

      REQUIRE(piece.notes.size() > 100);
      CHECK(std::is_sorted(piece.notes.begin(), piece.notes.end(), [](const note& a, const note& b) {
        return std::tie(a.start, a.part, a.pitch) < std::tie(b.start, b.part, b.pitch);
      }));
      for (const auto& n : piece.notes) {
        REQUIRE(n.part < piece.parts.size());
        REQUIRE((n.pitch >= 21 && n.pitch <= 108));
        REQUIRE((n.velocity >= 1 && n.velocity <= 127));
        REQUIRE(n.length > 0);
        REQUIRE(seconds_at(n.start, piece.tempo) + static_cast<double>(n.offset_ms) / 1000 >= 0);
        REQUIRE(seconds_at(n.start + n.length, piece.tempo) < piece.duration_seconds);
      }
    }
  }
}

TEST_CASE("every length from 20 to 300 seconds is kept and filled") {
  for (const auto& chosen : all_styles()) {
    for (const double seconds : {20.0, 33.0, 60.0, 120.0, 300.0}) {
      CAPTURE(chosen.id, seconds);

      const auto piece = compose_in(chosen, 3, seconds);

      CHECK(piece.duration_seconds == seconds);
      const auto& last = piece.form.back();
      const double last_chord = seconds_at((last.first_bar + last.bars - 1) * piece.beats_per_bar, piece.tempo);
      CHECK(seconds - last_chord > 1.5);
      CHECK(seconds - last_chord < 13);
      CHECK(piece.bpm >= chosen.lowest_bpm * 0.9);
      CHECK(piece.bpm <= chosen.highest_bpm * 1.25);
    }
  }
}

TEST_CASE("a length out of range is brought into it and the usual one lies between 70 and 110 seconds") {
  const auto& chosen = all_styles().front();

  CHECK(compose_in(chosen, 1, 3.0).duration_seconds == 20);
  CHECK(compose_in(chosen, 1, 4000.0).duration_seconds == 300);
  for (const auto& s : all_styles()) {
    CHECK(compose_in(s, 1).duration_seconds >= 70);
    CHECK(compose_in(s, 1).duration_seconds <= 110);
  }
}

TEST_CASE("a form has an intro, contrasting sections and an ending, without gaps") {
  for (const auto& chosen : all_styles()) {
    for (const double seconds : {20.0, 85.0, 200.0}) {
      CAPTURE(chosen.id, seconds);

      const auto piece = compose_in(chosen, 9, seconds);

      CHECK(piece.form.front().kind == section_kind::intro);
      CHECK(piece.form.back().kind == section_kind::outro);
      double verse = 0;
      double chorus = 0;
      int bar = 0;
      for (const auto& s : piece.form) {
        CHECK(s.first_bar == bar);
        bar += s.bars;
        verse = s.kind == section_kind::verse ? s.energy : verse;
        chorus = s.kind == section_kind::chorus ? s.energy : chorus;
      }
      CHECK(verse > 0);
      CHECK(chorus > verse + 0.1);
    }
  }
}

// The rule: a note is in key if it belongs to the key's scale (the piece's mode, natural minor for "minor", lifted with
// its section) or to the chord that sounds when it begins. Weight is length.
TEST_CASE("nine tenths of what is heard belongs to the claimed key or its chords") {
  for (const auto& chosen : all_styles()) {
    for (const auto seed : seeds) {
      CAPTURE(chosen.id, seed);
      const auto piece = compose_in(chosen, seed);

      double inside = 0;
      double all = 0;
      for (const auto& n : piece.notes) {
        if (!is_pitched(piece, n)) {
          continue;
        }
        const auto& c = chord_under(piece, n.start);
        const auto scale =
            scale_tones(piece.minor ? scale_id::aeolian : scale_id::ionian, piece.key_root + lift_at(piece, n.start));
        all += n.length;
        inside += scale.contains(n.pitch) || chord_tones(c.root, c.intervals).contains(n.pitch) ? n.length : 0;
      }

      CHECK(inside / all >= 0.9);
    }
  }
}

TEST_CASE("the last chord is the tonic") {
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 4);
    CAPTURE(chosen.id);

    CHECK(piece.chords.back().root == (piece.key_root + piece.form.back().lift) % 12);
  }
}

TEST_CASE("the bass plays the root where a bar begins") {
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 2);
    CAPTURE(chosen.id);

    int bars = 0;
    for (const auto& n : piece.notes) {
      const bool begins_bar = std::fmod(n.start, piece.beats_per_bar) == 0;
      if (piece.parts[n.part].role == part_role::bass && begins_bar) {
        ++bars;
        CHECK(n.pitch % 12 == chord_under(piece, n.start).root);
      }
    }
    CHECK(bars > 8);
  }
}

TEST_CASE("held chords move by small steps") {
  int styles_with_pads = 0;
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 8);
    CAPTURE(chosen.id);
    std::map<double, std::vector<int>> sounding;  // of the first pad, by chord
    const auto pad = std::find_if(piece.parts.begin(), piece.parts.end(), [](const part& p) { return p.role == part_role::pad; });
    if (pad == piece.parts.end()) {
      continue;
    }
    ++styles_with_pads;
    for (const auto& c : piece.chords) {
      for (const auto& n : piece.notes) {
        if (n.part == pad - piece.parts.begin() && n.start <= c.start + 0.01 && n.start + n.length > c.start + 0.01) {
          sounding[c.start].push_back(n.pitch);
        }
      }
    }

    double moved = 0;
    int voices = 0;
    const std::vector<int>* before = nullptr;
    for (auto& [start, pitches] : sounding) {
      std::sort(pitches.begin(), pitches.end());
      for (std::size_t i = 0; before != nullptr && before->size() == pitches.size() && i < pitches.size(); ++i) {
        moved += std::abs(pitches[i] - (*before)[i]);
        ++voices;
      }
      before = &pitches;
    }

    CHECK(voices > 0);
    CHECK(moved / voices < 2.6);
  }
  CHECK(styles_with_pads > 10);
}

TEST_CASE("melodies move mostly by step and seldom hammer one note") {
  for (const auto& chosen : all_styles()) {
    int steps = 0;
    int repeats = 0;
    int wide = 0;
    int all = 0;
    for (const auto seed : seeds) {
      for (const auto& line : lines_of(compose_in(chosen, seed), part_role::melody)) {
        for (std::size_t i = 1; i < line.size(); ++i) {
          const int move = std::abs(line[i] - line[i - 1]);
          steps += move == 1 || move == 2 ? 1 : 0;
          repeats += move == 0 ? 1 : 0;
          wide += move > 12 ? 1 : 0;
          ++all;
        }
      }
    }
    CAPTURE(chosen.id, steps, repeats, all);

    CHECK(steps * 100 >= all * 45);
    CHECK(repeats * 100 <= all * 15);
    CHECK(wide * 100 <= all * 2);
  }
}

TEST_CASE("melody and harmony seldom lie a semitone apart") {
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 2);
    double rubbing = 0;
    double together = 0;
    for (const auto& tune : piece.notes) {
      for (const auto& n : piece.notes) {
        const auto role = piece.parts[n.part].role;
        const bool harmony = role == part_role::chords || role == part_role::pad || role == part_role::arpeggio;
        if (piece.parts[tune.part].role != part_role::melody || !harmony) {
          continue;
        }
        const double overlap = std::min(tune.start + tune.length, n.start + n.length) - std::max(tune.start, n.start);
        if (overlap > 0) {
          together += overlap;
          rubbing += std::abs(tune.pitch - n.pitch) == 1 ? overlap : 0;
        }
      }
    }
    CAPTURE(chosen.id, rubbing, together);

    CHECK(rubbing <= 0.06 * together);
  }
}

TEST_CASE("drums play where the style has them, and not when they are refused") {
  for (const auto& chosen : all_styles()) {
    const bool has_drums =
        std::any_of(chosen.parts.begin(), chosen.parts.end(), [](const part_style& p) { return p.role == part_role::drums; });
    composition_request request;
    request.theme = "a quiet evening without drums";
    request.style = std::string{chosen.id};
    CAPTURE(chosen.id);

    CHECK((count_of(compose_in(chosen, 2), part_role::drums) > 0) == has_drums);
    CHECK(count_of(compose(request), part_role::drums) == 0);
  }
}

TEST_CASE("choruses are played harder and fuller than verses") {
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 2);
    CAPTURE(chosen.id);
    std::map<section_kind, double> power;
    std::map<section_kind, double> beats;
    for (const auto& s : piece.form) {
      beats[s.kind] += s.bars * piece.beats_per_bar;
      for (const auto& n : piece.notes) {
        if (n.start >= s.first_bar * piece.beats_per_bar && n.start < (s.first_bar + s.bars) * piece.beats_per_bar) {
          power[s.kind] += n.length * n.velocity * n.velocity;
        }
      }
    }

    CHECK(power[section_kind::chorus] / beats[section_kind::chorus] >
          1.2 * power[section_kind::verse] / beats[section_kind::verse]);
    CHECK(power[section_kind::intro] / beats[section_kind::intro] <
          0.8 * power[section_kind::chorus] / beats[section_kind::chorus]);
  }
}

TEST_CASE("choruses that come back are not literal copies") {
  for (const auto& chosen : all_styles()) {
    const auto piece = compose_in(chosen, 2, 180.0);
    std::set<std::string> versions;
    int choruses = 0;
    for (const auto& s : piece.form) {
      if (s.kind != section_kind::chorus) {
        continue;
      }
      ++choruses;
      std::string text;
      const double begin = s.first_bar * piece.beats_per_bar;
      for (const auto& n : piece.notes) {
        if (piece.parts[n.part].role == part_role::melody && n.start >= begin && n.start < begin + s.bars * piece.beats_per_bar) {
          text += std::to_string(n.start - begin) + ':' + std::to_string(n.pitch - s.lift) + ' ';
        }
      }
      versions.insert(text);
    }
    CAPTURE(chosen.id, choruses);

    CHECK(versions.size() >= std::min<std::size_t>(2, static_cast<std::size_t>(choruses)));
  }
}

TEST_CASE("words lead to the style that people expect") {
  for (const auto& [theme, expected] : lexicon_examples()) {
    composition_request request;
    request.theme = theme;
    CAPTURE(theme);

    CHECK(read_intent(request).chosen->id == expected);
  }
}

TEST_CASE("a genre outweighs moods and scenes, and theme and tags outweigh the prompt") {
  composition_request request;
  request.theme = "calm rainy night, sleepy snow, meditation by the ocean, metal";
  CHECK(read_intent(request).chosen->id == "rock");

  request.theme = "reggae for the ocean";
  request.prompt = "An orchestral, cinematic piece";
  CHECK(read_intent(request).chosen->id == "reggae");

  request.theme = "something nice";
  request.tags = "jazz";
  CHECK(read_intent(request).chosen->id == "jazz");
}

TEST_CASE("a style asked for by id wins and an unknown id is ignored") {
  composition_request request;
  request.theme = "jazz";
  request.style = "waltz";
  CHECK(compose(request).style == "waltz");

  request.style = "polka-core";
  CHECK(compose(request).style == "jazz");
}

TEST_CASE("words without a meaning for the lexicon still give a stable style, and not always the same") {
  std::set<std::string_view> ids;
  for (const char* theme : {"xyzzy", "qwertz", "plugh", "frobnicate", "ñandú ŵ", "ขอบคุณ", "გამარჯობა", "foo bar", "zork"}) {
    composition_request request;
    request.theme = theme;
    ids.insert(read_intent(request).chosen->id);
    CHECK(read_intent(request).chosen == read_intent(request).chosen);
  }
  CHECK(ids.size() >= 4);
}

TEST_CASE("tempo and key that the words name are kept") {
  composition_request request;
  request.theme = "synthwave at 92 BPM in F sharp minor";

  const auto piece = compose(request);

  CHECK(piece.bpm == 92);
  CHECK(piece.key == "F# minor");
  CHECK(piece.key_root == 6);
  CHECK(piece.minor);
}

TEST_CASE("what words say outright is read, and only that") {
  CHECK(find_bpm(split_words("120bpm")) == 120.0);
  CHECK(find_bpm(split_words("tempo: 76")) == 76.0);
  CHECK_FALSE(find_bpm(split_words("9000 bpm")));
  CHECK_FALSE(find_bpm(split_words("summer of 69")));
  CHECK(find_key(split_words("in A minor"))->root == 9);
  CHECK(find_key(split_words("Bb major"))->root == 10);
  CHECK(find_key(split_words("key of G"))->root == 7);
  CHECK_FALSE(find_key(split_words("just a minor setback")));
  CHECK(find_tempo_percent(split_words("a slow song")) < 100);
  CHECK(find_tempo_percent(split_words("not slow")) == 100);
}

TEST_CASE("happy words lean to major and sad words to minor") {
  int happy_minor = 0;
  int sad_minor = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    composition_request request;
    request.seed = seed;
    request.style = "classical";
    request.theme = "happy joyful sunshine";
    happy_minor += compose(request).minor ? 1 : 0;
    request.theme = "grief and sorrow";
    sad_minor += compose(request).minor ? 1 : 0;
  }

  CHECK(happy_minor < 15);
  CHECK(sad_minor > 45);
}

TEST_CASE("the instrument that the words ask for plays the tune") {
  composition_request request;
  request.theme = "folk song for violin";

  const auto piece = compose(request);

  CHECK(std::any_of(piece.parts.begin(), piece.parts.end(),
                    [](const part& p) { return p.role == part_role::melody && p.program == 40; }));
}

TEST_CASE("titles come from the theme and never break a code point") {
  CHECK(make_title("rainy night in Tokyo, lofi") == "Rainy Night in Tokyo");
  CHECK(make_title("  the\tend  of the world\n") == "The End of the World");
  CHECK(make_title("サクラの夜") == "サクラの夜");
  CHECK(make_title("") == "Untitled");

  std::string long_theme;
  for (int i = 0; i < 200; ++i) {
    long_theme += "é";
  }
  CHECK(make_title(long_theme).size() == 160);
}

TEST_CASE("style tables can be played: every chord is spelled and every pattern fills its bars") {
  for (const auto& s : all_styles()) {
    CAPTURE(s.id);
    const auto bar = static_cast<std::size_t>(s.beats_per_bar * 4);
    for (const auto& p : s.parts) {
      CAPTURE(p.name);
      CHECK(p.highest - p.lowest >= 11);
      for (const auto& pattern : p.patterns) {
        CHECK(pattern.text.size() % bar == 0);
      }
    }
    for (const auto* grooves : {&s.grooves, &s.fills}) {
      for (const auto& g : *grooves) {
        for (const auto& line : g.lines) {
          CAPTURE(line.hits);
          CHECK(line.hits.size() % bar == 0);
        }
      }
    }
    for (const auto* cells : {&s.melody.verse, &s.melody.chorus, &s.melody.cadence}) {
      for (const auto cell : *cells) {
        CHECK(cell.size() == bar);
      }
    }
    for (const auto form : s.forms) {
      CHECK(form.front() == 'I');
      CHECK(form.back() == 'O');
      CHECK(form.find('A') != std::string_view::npos);
      CHECK(form.find('B') != std::string_view::npos);
    }
  }
}

TEST_CASE("Roman numerals are read and nonsense is not") {
  CHECK(parse_chord("bVIImaj7")->semitones_above_tonic == 10);
  CHECK(parse_chord("ii7b5")->intervals == std::vector<int>{0, 3, 6, 10});
  CHECK(parse_chord("V7sus4")->suffix == "7sus4");
  CHECK_FALSE(parse_chord(""));
  CHECK_FALSE(parse_chord("H7"));
  CHECK_FALSE(parse_chord("Vxyz"));
}

TEST_CASE("a score becomes a MIDI file of type 1 with one track a part and one for the tempo") {
  const auto piece = compose_in(all_styles().front(), 1);

  const auto file = to_midi(piece);

  CHECK(file.substr(0, 4) == "MThd");
  CHECK(file[9] == 1);
  CHECK(static_cast<std::size_t>(file[11]) == piece.parts.size() + 1);
  std::size_t at = 14;
  std::size_t tracks = 0;
  while (at + 8 <= file.size() && file.compare(at, 4, "MTrk") == 0) {
    std::size_t size = 0;
    for (std::size_t i = 4; i < 8; ++i) {
      size = size * 256 + static_cast<unsigned char>(file[at + i]);
    }
    at += 8 + size;
    ++tracks;
    CHECK(file.substr(at - 3, 3) == std::string("\xFF\x2F\0", 3));
  }
  CHECK(at == file.size());
  CHECK(tracks == piece.parts.size() + 1);
}
