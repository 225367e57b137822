#pragma once

/// The master: brings a mix to its loudness under a true-peak ceiling, and fades its end.

#include "master_meter.hpp"
#include "mix_buffer.hpp"
#include "renderer_watch.hpp"

#include <music/base/error.hpp>

#include <vector>

namespace music::local {

inline constexpr double target_lufs = -14;
inline constexpr double promised_dbtp = -1;  ///< of what is played, after encoding
inline constexpr double usual_ceiling_dbtp = -2;  ///< lossy encoding mostly raises peaks by 0.2 to 0.9 dB (17 styles measured)

/// A mix with what the limiter must know of it, gathered while it is made.
struct recorded_mix {
  mix_buffer audio;
  std::vector<float> peaks;  ///< true peak of each hop
  double lufs = 0;
  double rate = 44100;
  std::size_t frames = 0;    ///< at most blocks * block_frames
};

/// A mix and the gain curve that makes it the master. Owner: one render. Not thread-safe.
class master {
 public:
  /// Takes two or three readings of the mix. Errors: `canceled`, `internal`.
  [[nodiscard]] static result<master> make(recorded_mix mix, render_watch& watch);

  /// Finds the gain curve anew under a ceiling that is `db` lower. Errors: `canceled`, `internal`.
  [[nodiscard]] result<void> lower_ceiling(double db, render_watch& watch);

  /// One block of the finished signal.
  [[nodiscard]] stereo_block block(std::size_t index) const noexcept;

  [[nodiscard]] std::size_t blocks() const noexcept { return mix_.audio.blocks(); }
  [[nodiscard]] std::size_t frames() const noexcept { return mix_.frames; }
  [[nodiscard]] double rate() const noexcept { return mix_.rate; }
  [[nodiscard]] double integrated_lufs() const noexcept { return lufs_; }
  [[nodiscard]] double true_peak_dbtp() const noexcept { return true_peak_; }

 private:
  explicit master(recorded_mix mix) : mix_(std::move(mix)) {}

  [[nodiscard]] result<void> find_gains(render_watch& watch);
  void limit(double gain_db);
  [[nodiscard]] result<void> measure(loudness_meter::mode what, render_watch& watch);
  [[nodiscard]] float fade_at(std::size_t frame) const noexcept;

  recorded_mix mix_;
  std::vector<float> ride_;   ///< of each hop: quiet passages brought forward
  std::vector<float> gains_;  ///< of each hop: everything together
  double ceiling_ = usual_ceiling_dbtp;
  double lufs_ = 0;
  double true_peak_ = 0;
};

}  // namespace music::local
