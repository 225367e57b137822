#pragma once

/// The colours of the mix: ducking, widening, tape wow, vinyl noise. Times in seconds, frequencies in Hz.

#include "dsp.hpp"

#include <cstdint>
#include <vector>

namespace music::local {

/// Makes room for the kick: a gain that dips at each kick and comes back before the next beat.
class kick_ducker {
 public:
  /// `kicks` in seconds, ascending; `depth` 0..1; `recovery` in seconds.
  kick_ducker(std::vector<double> kicks, double depth, double recovery);

  /// How far the gain is down (0..depth) at `seconds`; to be asked with ascending times.
  [[nodiscard]] float amount_at(double seconds) noexcept;

 private:
  std::vector<double> kicks_;
  std::size_t next_ = 0;
  double depth_;
  double recovery_;
};

/// Spreads a mono source: adds a short delay to one side and takes it from the other (Lauridsen), above the bass.
/// The sum to mono is the input, untouched.
class widener {
 public:
  widener(double delay_seconds, float amount, double rate);

  void process(stereo_block& block) noexcept;

 private:
  std::vector<float> delayed_;
  std::size_t at_ = 0;
  float amount_;
  biquad high_pass_;
};

/// The slow pitch drift of a tape: a delay line that breathes.
class tape_wow {
 public:
  tape_wow(double cents, double rate);

  void process(stereo_block& block) noexcept;

 private:
  [[nodiscard]] static float read(const std::vector<float>& line, double position) noexcept;

  double rate_;
  double slow_depth_;  ///< frames
  double fast_depth_;  ///< frames
  std::uint64_t frame_ = 0;
  std::vector<float> left_, right_;
};

/// Hiss, and crackles at random times: the surface of an old record.
class vinyl_surface {
 public:
  vinyl_surface(double amount, std::uint64_t seed, double rate);

  void add_to(stereo_block& block) noexcept;

 private:
  noise_source noise_;
  float hiss_;
  float crackle_;
  double crackle_chance_;  ///< per frame
  float decay_;
  float level_ = 0;  ///< of the crackle that sounds now
  float side_ = 0;
  stereo_filter hiss_colour_, crackle_colour_;
};

}  // namespace music::local
