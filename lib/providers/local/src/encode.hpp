#pragma once

/// From the master to the bytes of a file, by libsndfile into memory. Tags and cover come later (tags.hpp), except for
/// WAV, whose words are written here.

#include "master.hpp"
#include "renderer.hpp"
#include "renderer_watch.hpp"

#include <music/base/error.hpp>

#include <cstdint>
#include <string>

namespace music::local {

/// e.g. "audio/mpeg".
[[nodiscard]] std::string content_type_of(audio_format format);

/// Encodes at about 130-160 kbit/s (MP3 and Vorbis, variable) or 16 bit with dither (FLAC, WAV). The same master and
/// seed give the same bytes, for Ogg after `fix_ogg_serial`. Errors: `canceled`, `internal`.
[[nodiscard]] result<std::string> encode(const master& audio, audio_format format, std::uint64_t seed, render_watch& watch);

[[nodiscard]] bool is_lossy(audio_format format) noexcept;

/// The true peak (dBTP) of an encoded file when it is played; leaves the bytes as they are. Errors: `canceled`, `internal`.
[[nodiscard]] result<double> decoded_true_peak(std::string& bytes, render_watch& watch);

/// Replaces the random serial number of a one-stream Ogg file by one made from the seed, and the checksums of its
/// pages with it (RFC 3533). Error: `internal` if it is not well-formed Ogg.
[[nodiscard]] result<void> fix_ogg_serial(std::string& bytes, std::uint64_t seed);

}  // namespace music::local
