#include "mpeg_frames.hpp"

#include <array>

namespace music {
namespace {

using rates = std::array<std::uint16_t, 15>;

// kbit/s by bit-rate index
constexpr rates mpeg1_layer1{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448};
constexpr rates mpeg1_layer2{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
constexpr rates mpeg1_layer3{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr rates mpeg2_layer1{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256};
constexpr rates mpeg2_others{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};

constexpr std::array<std::uint32_t, 3> mpeg1_sampling{44'100, 48'000, 32'000};

const rates& bit_rates(bool mpeg1, unsigned layer) noexcept {
  if (layer == 1) return mpeg1 ? mpeg1_layer1 : mpeg2_layer1;
  if (!mpeg1) return mpeg2_others;
  return layer == 2 ? mpeg1_layer2 : mpeg1_layer3;
}

}  // namespace

std::optional<mpeg_frame> read_mpeg_frame(std::string_view header) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(header[i])); };
  const unsigned version = at(1) >> 3U & 3U;  // 0: MPEG-2.5, 2: MPEG-2, 3: MPEG-1
  const unsigned layer = 4 - (at(1) >> 1U & 3U);
  const unsigned rate_index = at(2) >> 4U;
  const unsigned sampling = at(2) >> 2U & 3U;
  const bool sync = at(0) == 0xff && (at(1) & 0xe0U) == 0xe0U;
  if (!sync || version == 1 || layer == 4 || rate_index == 0 || rate_index == 15 || sampling == 3) return std::nullopt;

  const bool mpeg1 = version == 3;
  const std::uint32_t bits = bit_rates(mpeg1, layer)[rate_index] * 1000U;
  const std::uint32_t padding = at(2) >> 1U & 1U;
  mpeg_frame frame;
  frame.rate = mpeg1_sampling[sampling] >> (mpeg1 ? 0U : version == 2 ? 1U : 2U);
  frame.samples = layer == 1 ? 384 : layer == 3 && !mpeg1 ? 576 : 1152;
  frame.bytes = layer == 1 ? (12 * bits / frame.rate + padding) * 4 : frame.samples / 8 * bits / frame.rate + padding;
  return frame;
}

}  // namespace music
