#pragma once

/// FluidSynth behind a small class: one synthesizer for one score, one stereo stem for each part.

#include "dsp.hpp"
#include "score.hpp"
#include "synth_timeline.hpp"

#include <music/base/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace music::local {

enum class synth_quality : std::uint8_t {
  measuring,  ///< linear interpolation, dry
  listening,  ///< 7th-order interpolation with reverb and chorus
};

/// What one block gives: a dry stem for each part, and the common returns of reverb and chorus.
struct stem_block {
  std::vector<stereo_block> stems;
  stereo_block reverb;
  stereo_block chorus;
};

/// Plays the parts of one score. Owner: one render; lives for one pass. Two that live at the same time share the decoded
/// samples of the font, which are most of the cost of opening one. Not thread-safe, but any number may live in different
/// threads: FluidSynth's global tables are filled once before the first, and loading and unloading
/// of the font run under one mutex of the process (FluidSynth 2.3.1 races in both).
class synth {
 public:
  /// Errors: `unsupported` if the font cannot be read as SF2/SF3, `invalid_argument` for more than 64 parts,
  /// `internal` if FluidSynth fails.
  [[nodiscard]] static result<synth> open(const score& piece, const std::string& soundfont, double sample_rate,
                                          synth_quality quality);

  /// Sets FluidSynth's gain (0..10) and each part's attenuation (dB >= 0), which its reverb and chorus follow.
  /// To be called before the first event.
  void set_levels(double gain, const std::vector<double>& attenuation) noexcept;

  /// Takes effect with the next block. Events of unknown parts must not be passed.
  void apply(const synth_event& event) noexcept;

  /// Renders the next block into `block`, whose stems have as many entries as the score has parts.
  /// Error: `internal`.
  [[nodiscard]] result<void> render(stem_block& block);

 private:
  struct engine;
  struct engine_deleter {
    void operator()(engine* owned) const noexcept;
  };
  synth(std::unique_ptr<engine, engine_deleter> owned, std::size_t parts);

  std::unique_ptr<engine, engine_deleter> engine_;
  std::vector<float*> outputs_;
};

}  // namespace music::local
