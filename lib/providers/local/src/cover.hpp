#pragma once

/// The cover of a song: its piano roll as a picture, in the colours of its style.

#include "score.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace music::local {

inline constexpr int cover_size = 600;  ///< pixels, both ways

struct colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// A picture of width x height pixels, row by row.
struct picture {
  int width = 0;
  int height = 0;
  std::vector<colour> pixels;
};

/// Draws the notes over time (left to right) and pitch (upwards), sections as bands of the background, drums along
/// the bottom. Deterministic.
[[nodiscard]] picture draw_cover(const score& piece);

/// Encodes as PNG, 24 bits a pixel (ISO/IEC 15948). Empty if zlib fails.
[[nodiscard]] std::string png_of(const picture& image);

}  // namespace music::local
