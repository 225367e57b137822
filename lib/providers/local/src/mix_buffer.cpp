#include "mix_buffer.hpp"

#include <algorithm>
#include <cmath>

namespace music::local {

constexpr float largest = 32767.0F;

mix_buffer::mix_buffer(std::size_t blocks) {
  samples_.reserve(blocks * samples_per_block);
  scales_.reserve(blocks);
}

void mix_buffer::append(const stereo_block& block) {
  float peak = 1e-9F;
  for (std::size_t i = 0; i < block_frames; ++i) {
    peak = std::max({peak, std::abs(block.left[i]), std::abs(block.right[i])});
  }
  const float factor = largest / peak;
  for (const float sample : block.left) samples_.push_back(static_cast<std::int16_t>(std::lrint(sample * factor)));
  for (const float sample : block.right) samples_.push_back(static_cast<std::int16_t>(std::lrint(sample * factor)));
  scales_.push_back(peak / largest);
}

stereo_block mix_buffer::block(std::size_t index) const noexcept {
  stereo_block out;
  const std::int16_t* source = samples_.data() + index * samples_per_block;
  const float scale = scales_[index];
  for (std::size_t i = 0; i < block_frames; ++i) {
    out.left[i] = scale * static_cast<float>(source[i]);
    out.right[i] = scale * static_cast<float>(source[block_frames + i]);
  }
  return out;
}

}  // namespace music::local
