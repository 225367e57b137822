#include "cover.hpp"

#include <zlib.h>

#include <array>
#include <string_view>

namespace music::local {
namespace {

void put_big_endian(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xFFU));
}

void put_chunk(std::string& png, std::string_view type, std::string_view data) {
  put_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const std::string covered = std::string{type} + std::string{data};
  png += covered;
  const auto* start = reinterpret_cast<const Bytef*>(covered.data());
  put_big_endian(png, static_cast<std::uint32_t>(crc32(0, start, static_cast<uInt>(covered.size()))));
}

/// Each row as its difference to the row above (filter 2, "up"), which leaves little of bands and bars.
std::string filtered_rows(const picture& image) {
  constexpr char up = 2;
  std::string rows;
  const auto width = static_cast<std::size_t>(image.width);
  rows.reserve(image.pixels.size() * 3 + static_cast<std::size_t>(image.height));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (i % width == 0) rows.push_back(up);
    const colour now = image.pixels[i];
    const colour above = i < width ? colour{} : image.pixels[i - width];
    rows.push_back(static_cast<char>(now.red - above.red));
    rows.push_back(static_cast<char>(now.green - above.green));
    rows.push_back(static_cast<char>(now.blue - above.blue));
  }
  return rows;
}

std::string deflated(const std::string& plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string packed(size, '\0');
  const int outcome = compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                                static_cast<uLong>(plain.size()), Z_BEST_COMPRESSION);
  packed.resize(outcome == Z_OK ? size : 0);
  return packed;
}

}  // namespace

std::string png_of(const picture& image) {
  const std::string data = deflated(filtered_rows(image));
  if (data.empty()) return {};

  std::string header;
  put_big_endian(header, static_cast<std::uint32_t>(image.width));
  put_big_endian(header, static_cast<std::uint32_t>(image.height));
  header += std::string_view{"\x08\x02\x00\x00\x00", 5};  // 8 bits a sample, RGB, deflate, adaptive filters, not interlaced

  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", data);
  put_chunk(png, "IEND", {});
  return png;
}

}  // namespace music::local
