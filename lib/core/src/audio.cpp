#include "mpeg_frames.hpp"
#include "name_table.hpp"

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

constexpr name_table<audio_quality, 3> qualities{{"draft", "standard", "high"}};

const format_entry& entry(audio_format format) noexcept { return formats[static_cast<std::size_t>(format)]; }

bool begins_with_frame(std::string_view bytes) noexcept { return bytes.size() >= 4 && read_mpeg_frame(bytes).has_value(); }

}  // namespace

std::string_view name(audio_format format) noexcept { return entry(format).name; }
std::string_view name(audio_quality quality) noexcept { return qualities.of(quality); }

std::optional<audio_quality> parse_audio_quality(std::string_view text) noexcept { return qualities.find(text); }

std::optional<audio_format> parse_audio_format(std::string_view text) noexcept {
  for (const auto& candidate : formats) {
    if (candidate.name == text) return candidate.format;
  }
  return std::nullopt;
}

std::string_view content_type(audio_format format) noexcept { return entry(format).content_type; }

std::optional<audio_format> recognise_audio(std::string_view bytes) noexcept {
  if (bytes.starts_with("ID3") || begins_with_frame(bytes)) return audio_format::mp3;
  if (bytes.starts_with("OggS")) return audio_format::ogg;
  if (bytes.starts_with("fLaC")) return audio_format::flac;
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WAVE")) return audio_format::wav;
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "ftyp") return audio_format::mp4;
  return std::nullopt;
}

}  // namespace music
