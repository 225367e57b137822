#pragma once

/// From stems to one stereo signal: filters, ducking, width, returns, the style's colours.

#include "dsp.hpp"
#include "mix_effects.hpp"
#include "score.hpp"
#include "synth.hpp"
#include "synth_timeline.hpp"

#include <optional>
#include <vector>

namespace music::local {

/// The high-pass that keeps a part out of the bass's way; the same when its loudness is measured and when it is mixed.
[[nodiscard]] biquad high_pass_of(part_role role, double rate) noexcept;

/// Mixes one piece, block after block from its start. Owner: one render. Not thread-safe.
class mixer {
 public:
  mixer(const score& piece, const std::vector<synth_event>& events, double rate);

  /// The next block of the mix; uses the stems as scratch space.
  [[nodiscard]] stereo_block mix(stem_block& block);

 private:
  struct strip {
    stereo_filter high_pass;
    std::optional<widener> wide;
    float duck_share = 0;  ///< how much of the ducking reaches this part, 0..1
  };

  void duck(stereo_block& stem, float share) const noexcept;
  void set_width(stereo_block& block) noexcept;
  void add_returns(stereo_block& out, stem_block& block) noexcept;

  double rate_;
  float width_;
  std::size_t frame_ = 0;
  std::vector<strip> strips_;
  kick_ducker ducker_;
  std::array<float, block_frames> ducked_{};
  stereo_filter reverb_high_pass_, chorus_high_pass_, dc_blocker_;
  widener chorus_wide_;
  biquad side_high_pass_;
  std::optional<tape_wow> wow_;
  std::optional<stereo_filter> low_pass_;
  std::optional<vinyl_surface> vinyl_;
};

}  // namespace music::local
