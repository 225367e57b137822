#include "encode.hpp"

#include "dsp.hpp"
#include "encode_memory.hpp"
#include "master_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace music::local {
namespace {

constexpr std::size_t chunk_blocks = 64;  // 4096 frames: libsndfile overflows its stack on a whole song as Vorbis (#1095)
constexpr double vorbis_quality = 0.5;    // about 150 kbit/s
constexpr double mp3_compression = 0.5;   // LAME -V 5, about 130 kbit/s
constexpr double flac_compression = 0.625;
constexpr std::size_t room_for_tags = 256 * 1024;  // so that the cover does not double a large file once more

int sndfile_format(audio_format format) noexcept {
  switch (format) {
    case audio_format::mp3: return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    case audio_format::ogg: return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    case audio_format::flac: return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case audio_format::wav: return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  }
  return 0;
}

void set_quality(SNDFILE* file, audio_format format) {
  double quality = vorbis_quality;
  double compression = format == audio_format::mp3 ? mp3_compression : flac_compression;
  int mode = SF_BITRATE_MODE_VARIABLE;
  switch (format) {
    case audio_format::mp3:
      sf_command(file, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
      sf_command(file, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
      return;
    case audio_format::ogg: sf_command(file, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality); return;
    case audio_format::flac: sf_command(file, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression); return;
    case audio_format::wav: return;
  }
}

/// Rounds to 16 bit with triangular dither, so that a fading end does not turn into distortion.
std::int16_t dithered(float sample, noise_source& noise) noexcept {
  const float spread = 0.5F * (noise.bipolar() + noise.bipolar());
  return static_cast<std::int16_t>(std::clamp(std::lrint(sample * 32767.0F + spread), -32768L, 32767L));
}

/// Frames of the blocks [from, to), interleaved; only what belongs to the piece.
std::vector<float> interleaved(const master& audio, std::size_t from, std::size_t to) {
  std::vector<float> samples;
  samples.reserve(2 * block_frames * (to - from));
  for (std::size_t i = from; i < to; ++i) {
    const stereo_block block = audio.block(i);
    const std::size_t frames = std::min(block_frames, audio.frames() - i * block_frames);
    for (std::size_t k = 0; k < frames; ++k) {
      samples.push_back(block.left[k]);
      samples.push_back(block.right[k]);
    }
  }
  return samples;
}

bool write_samples(SNDFILE* file, const std::vector<float>& samples, bool lossy, noise_source& noise) {
  const auto frames = static_cast<sf_count_t>(samples.size() / 2);
  if (lossy) return sf_writef_float(file, samples.data(), frames) == frames;
  std::vector<std::int16_t> rounded(samples.size());
  std::transform(samples.begin(), samples.end(), rounded.begin(), [&](float s) { return dithered(s, noise); });
  return sf_writef_short(file, rounded.data(), frames) == frames;
}

}  // namespace

bool is_lossy(audio_format format) noexcept { return format == audio_format::mp3 || format == audio_format::ogg; }

std::string content_type_of(audio_format format) {
  switch (format) {
    case audio_format::mp3: return "audio/mpeg";
    case audio_format::ogg: return "audio/ogg";
    case audio_format::flac: return "audio/flac";
    case audio_format::wav: return "audio/wav";
  }
  return "application/octet-stream";
}

result<std::string> encode(const master& audio, audio_format format, std::uint64_t seed, render_watch& watch) {
  memory_file memory;
  if (!is_lossy(format)) memory.bytes.reserve(4 * audio.frames() + room_for_tags);
  SF_VIRTUAL_IO io = memory_file::callbacks();
  SF_INFO info{};
  info.samplerate = static_cast<int>(audio.rate());
  info.channels = 2;
  info.format = sndfile_format(format);
  sndfile file{sf_open_virtual(&io, SFM_WRITE, &info, &memory)};
  if (!file) return error{errc::internal, std::string{"sf_open_virtual: "} + sf_strerror(nullptr)};
  set_quality(file.get(), format);

  noise_source noise{seed};
  for (std::size_t at = 0; at < audio.blocks(); at += chunk_blocks) {
    if (auto going_on = watch.step(at, audio.blocks()); !going_on) return going_on.error();
    const auto samples = interleaved(audio, at, std::min(at + chunk_blocks, audio.blocks()));
    if (!write_samples(file.get(), samples, is_lossy(format), noise)) {
      return error{errc::internal, std::string{"sf_writef: "} + sf_strerror(file.get())};
    }
  }
  file.reset();  // writes the last frames and the header
  return std::move(memory.bytes);
}

result<double> decoded_true_peak(std::string& bytes, render_watch& watch) {
  memory_file memory{.bytes = std::move(bytes)};
  SF_VIRTUAL_IO io = memory_file::callbacks();
  SF_INFO info{};
  sndfile file{sf_open_virtual(&io, SFM_READ, &info, &memory)};
  if (!file || info.channels != 2) return error{errc::internal, std::string{"cannot decode: "} + sf_strerror(file.get())};

  true_peak_follower follower;
  float peak = 0;
  std::array<float, 2 * block_frames> samples{};
  for (sf_count_t read = 0; read < info.frames;) {
    if (auto going_on = watch.step(1, 1); !going_on) return going_on.error();
    samples.fill(0);
    const sf_count_t got = sf_readf_float(file.get(), samples.data(), block_frames);
    if (got <= 0) break;
    read += got;
    stereo_block block;
    for (std::size_t i = 0; i < block_frames; ++i) {
      block.left[i] = samples[2 * i];
      block.right[i] = samples[2 * i + 1];
    }
    for (const float found : follower.follow(block)) peak = std::max(peak, found);
  }
  file.reset();
  bytes = std::move(memory.bytes);
  return db_of_gain(std::max(peak, 1e-9F));
}

}  // namespace music::local
