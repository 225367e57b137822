#include <music/core/audio.hpp>

#include <array>

namespace music {
namespace {

struct format_entry {
  audio_format format;
  std::string_view name;
  std::string_view content_type;
};

constexpr std::array formats{
    format_entry{audio_format::mp3, "mp3", "audio/mpeg"}, format_entry{audio_format::ogg, "ogg", "audio/ogg"},
    format_entry{audio_format::flac, "flac", "audio/flac"}, format_entry{audio_format::wav, "wav", "audio/wav"},
    format_entry{audio_format::mp4, "mp4", "audio/mp4"}};

constexpr std::array<std::string_view, 3> qualities{"draft", "standard", "high"};

const format_entry& entry(audio_format format) noexcept { return formats[static_cast<std::size_t>(format)]; }

/// Frame sync, then a version, layer, bit rate and sampling rate that exist (ISO 11172-3, 2.4.1.3).
bool mpeg_frame(std::string_view bytes) noexcept {
  if (bytes.size() < 4) return false;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool sync = at(0) == 0xff && (at(1) & 0xe0) == 0xe0;
  const bool version = (at(1) & 0x18) != 0x08;
  const bool layer = (at(1) & 0x06) != 0x00;
  const bool bit_rate = (at(2) & 0xf0) != 0xf0 && (at(2) & 0xf0) != 0x00;
  const bool sampling_rate = (at(2) & 0x0c) != 0x0c;
  return sync && version && layer && bit_rate && sampling_rate;
}

}  // namespace

std::string_view name(audio_format format) noexcept { return entry(format).name; }
std::string_view name(audio_quality quality) noexcept { return qualities[static_cast<std::size_t>(quality)]; }

std::optional<audio_quality> parse_audio_quality(std::string_view text) noexcept {
  for (std::size_t i = 0; i < qualities.size(); ++i) {
    if (qualities[i] == text) return static_cast<audio_quality>(i);
  }
  return std::nullopt;
}

std::optional<audio_format> parse_audio_format(std::string_view text) noexcept {
  for (const auto& candidate : formats) {
    if (candidate.name == text) return candidate.format;
  }
  return std::nullopt;
}

std::string_view content_type(audio_format format) noexcept { return entry(format).content_type; }

std::optional<audio_format> recognise_audio(std::string_view bytes) noexcept {
  if (bytes.starts_with("ID3") || mpeg_frame(bytes)) return audio_format::mp3;
  if (bytes.starts_with("OggS")) return audio_format::ogg;
  if (bytes.starts_with("fLaC")) return audio_format::flac;
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WAVE")) return audio_format::wav;
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "ftyp") return audio_format::mp4;
  return std::nullopt;
}

}  // namespace music
