#pragma once

/// From a score to an audio file in memory: synthesis, mix, master, encoding, tags and cover.
///
/// CPU-bound and blocking: call it on the blocking pool, never on an event loop. Uses about 1/20 of the piece's
/// duration on one core. Thread-safe between calls; each call has a synthesizer of its own.

#include "score.hpp"

#include <music/base/error.hpp>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace music::local {

enum class audio_format : std::uint8_t { mp3, ogg, flac, wav };

struct render_options {
  audio_format format = audio_format::mp3;
  std::string soundfont;                         ///< path of an SF2/SF3 General MIDI font
  std::function<void(double)> on_progress;       ///< 0..1, called from the rendering thread; may be empty
  std::stop_token stop;                          ///< checked in every block; a stopped render fails with "stopped"
};

struct rendered_audio {
  std::string bytes;
  std::string content_type;      ///< audio/mpeg, audio/ogg, audio/flac, audio/wav
  double duration_seconds = 0;
  double integrated_lufs = 0;    ///< of the master before encoding
  double true_peak_dbtp = 0;     ///< of the master before encoding
};

/// Renders, mixes, masters to -14 LUFS and below -1 dBTP after encoding, encodes and tags.
/// Errors: `unsupported` (no usable SoundFont), `canceled` (stop requested), `internal` (a library failed; see detail).
[[nodiscard]] result<rendered_audio> render(const score& piece, const render_options& options);

}  // namespace music::local
