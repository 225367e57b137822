#include "cover.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace music::local {
namespace {

struct palette {
  colour top, bottom;                ///< of the background
  std::array<colour, 4> ink;         ///< melody, harmony, bass, drums
};

struct named_palette {
  std::string_view style;
  palette colours;
};

constexpr std::array<named_palette, 8> palettes{{
    {"lofi", {{38, 32, 54}, {94, 66, 82}, {{{255, 214, 165}, {214, 150, 160}, {140, 170, 190}, {240, 236, 226}}}}},
    {"cinematic", {{10, 14, 28}, {52, 40, 40}, {{{255, 204, 112}, {198, 120, 84}, {112, 130, 168}, {230, 224, 214}}}}},
    {"synthwave", {{22, 8, 48}, {120, 24, 96}, {{{0, 240, 255}, {255, 84, 180}, {150, 100, 255}, {255, 226, 120}}}}},
    {"folk", {{44, 54, 38}, {124, 110, 70}, {{{252, 232, 180}, {220, 160, 90}, {150, 170, 110}, {250, 246, 236}}}}},
    {"ambient", {{8, 30, 44}, {42, 88, 96}, {{{200, 244, 236}, {120, 190, 196}, {90, 130, 176}, {232, 244, 246}}}}},
    {"house", {{14, 18, 40}, {30, 60, 110}, {{{255, 240, 120}, {90, 220, 200}, {255, 110, 110}, {240, 240, 255}}}}},
    {"jazz", {{30, 20, 18}, {92, 44, 34}, {{{255, 220, 140}, {224, 130, 80}, {130, 150, 170}, {244, 232, 216}}}}},
    {"chiptune", {{12, 20, 12}, {24, 60, 40}, {{{170, 255, 120}, {255, 220, 80}, {110, 180, 255}, {240, 255, 236}}}}},
}};

/// A calm palette for a style that has none of its own: its name picks the hue.
palette palette_from_name(std::string_view style) {
  unsigned hash = 2166136261U;
  for (const char c : style) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  const double hue = static_cast<double>(hash % 360U);
  const auto shade = [hue](double turn, double light, double strength) {
    const auto channel = [&](double offset) {
      const double wave = std::cos((hue + turn + offset) * 3.14159265358979 / 180);
      return static_cast<std::uint8_t>(std::clamp(255 * light * (1 + strength * wave), 0.0, 255.0));
    };
    return colour{channel(0), channel(-120), channel(120)};
  };
  return {shade(0, 0.10, 0.6),
          shade(30, 0.30, 0.5),
          {shade(150, 0.85, 0.25), shade(40, 0.7, 0.4), shade(-60, 0.6, 0.4), shade(0, 0.92, 0.06)}};
}

palette palette_of(std::string_view style) {
  const auto found = std::find_if(palettes.begin(), palettes.end(), [&](const auto& p) { return p.style == style; });
  return found != palettes.end() ? found->colours : palette_from_name(style);
}

std::uint8_t blend(std::uint8_t from, std::uint8_t to, double share) noexcept {
  return static_cast<std::uint8_t>(std::lround(from + (to - from) * std::clamp(share, 0.0, 1.0)));
}

colour blend(colour from, colour to, double share) noexcept {
  return {blend(from.red, to.red, share), blend(from.green, to.green, share), blend(from.blue, to.blue, share)};
}

constexpr int margin = 36;
constexpr int drum_lane = 64;
constexpr int inner = cover_size - 2 * margin;

class canvas {
 public:
  explicit canvas(const palette& colours) : image_{cover_size, cover_size, std::vector<colour>(cover_size * cover_size)} {
    for (int y = 0; y < cover_size; ++y) {
      const colour row = blend(colours.top, colours.bottom, static_cast<double>(y) / cover_size);
      std::fill_n(image_.pixels.begin() + y * cover_size, cover_size, row);
    }
  }

  void fill(int x0, int y0, int x1, int y1, colour ink, double share) {
    for (int y = std::max(0, y0); y < std::min(cover_size, y1); ++y) {
      for (int x = std::max(0, x0); x < std::min(cover_size, x1); ++x) {
        colour& pixel = image_.pixels[static_cast<std::size_t>(y * cover_size + x)];
        pixel = blend(pixel, ink, share);
      }
    }
  }

  [[nodiscard]] picture take() && { return std::move(image_); }

 private:
  picture image_;
};

const colour& ink_of(const palette& colours, part_role role) {
  switch (role) {
    case part_role::melody:
    case part_role::counter: return colours.ink[0];
    case part_role::chords:
    case part_role::pad:
    case part_role::arpeggio:
    case part_role::texture: return colours.ink[1];
    case part_role::bass: return colours.ink[2];
    case part_role::drums: return colours.ink[3];
  }
  return colours.ink[0];
}

double last_beat(const score& piece) {
  double end = 1;
  for (const note& n : piece.notes) end = std::max(end, n.start + n.length);
  for (const section& s : piece.form) end = std::max(end, static_cast<double>((s.first_bar + s.bars) * piece.beats_per_bar));
  return end;
}

std::pair<int, int> pitch_range(const score& piece) {
  int low = 127;
  int high = 0;
  for (const note& n : piece.notes) {
    if (n.part >= piece.parts.size() || piece.parts[n.part].role == part_role::drums) continue;
    low = std::min<int>(low, n.pitch);
    high = std::max<int>(high, n.pitch);
  }
  return low > high ? std::pair{48, 72} : std::pair{low, std::max(high, low + 12)};
}

void shade_sections(canvas& paper, const score& piece, const palette& colours, double beats) {
  for (const section& s : piece.form) {
    const auto column = [&](int bar) { return margin + static_cast<int>(inner * bar * piece.beats_per_bar / beats); };
    const int height = static_cast<int>((inner - drum_lane) * (0.35 + 0.65 * std::clamp(s.energy, 0.0, 1.0)));
    const int floor = cover_size - margin;
    paper.fill(column(s.first_bar), floor - drum_lane - height, column(s.first_bar + s.bars) - 2, floor, colours.ink[3],
               0.04 + 0.06 * s.energy);
  }
}

void draw_notes(canvas& paper, const score& piece, const palette& colours, double beats) {
  const auto [low, high] = pitch_range(piece);
  const int floor = cover_size - margin;
  const double step = static_cast<double>(inner - drum_lane - 16) / (high - low + 1);
  for (const note& n : piece.notes) {
    if (n.part >= piece.parts.size()) continue;
    const part_role role = piece.parts[n.part].role;
    const int x0 = margin + static_cast<int>(inner * n.start / beats);
    const int x1 = margin + static_cast<int>(inner * (n.start + n.length) / beats);
    const double share = 0.35 + 0.6 * n.velocity / 127.0;
    if (role == part_role::drums) {
      const int y = floor - 6 - (n.pitch - 35) % 12 * 4;
      paper.fill(x0, y - 2, x0 + 2, y + 1, ink_of(colours, role), 0.8 * share);
      continue;
    }
    const int y = floor - drum_lane - static_cast<int>(step * (n.pitch - low));
    paper.fill(x0, y - std::max(3, static_cast<int>(0.8 * step)), std::max(x0 + 2, x1 - 1), y, ink_of(colours, role), share);
  }
}

}  // namespace

picture draw_cover(const score& piece) {
  const palette colours = palette_of(piece.style);
  const double beats = last_beat(piece);
  canvas paper{colours};
  shade_sections(paper, piece, colours, beats);
  draw_notes(paper, piece, colours, beats);
  return std::move(paper).take();
}

}  // namespace music::local
