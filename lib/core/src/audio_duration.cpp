#include <music/core/audio_duration.hpp>

#include "audio_walkers.hpp"

#include <music/core/audio.hpp>

#include <cmath>

namespace music {
namespace {

constexpr std::size_t enough_to_recognise = 16;
constexpr double longest_believed = 24 * 3600;  // seconds; beyond is nonsense

std::unique_ptr<duration_reader::walker> walker_for(audio_format format) {
  switch (format) {
    case audio_format::mp3: return make_mp3_walker();
    case audio_format::ogg: return make_ogg_walker();
    case audio_format::flac: return make_flac_walker();
    case audio_format::wav: return make_wav_walker();
    case audio_format::mp4: return make_mp4_walker();
  }
  return nullptr;
}

}  // namespace

duration_reader::duration_reader() = default;
duration_reader::~duration_reader() = default;

void duration_reader::feed(std::string_view bytes) {
  if (unknown_) return;
  if (walker_) return walker_->feed(bytes);
  first_bytes_ += bytes;
  if (first_bytes_.size() < enough_to_recognise) return;
  const auto format = recognise_audio(first_bytes_);
  unknown_ = !format;
  if (unknown_) return;
  walker_ = walker_for(*format);
  walker_->feed(first_bytes_);
  first_bytes_ = {};
}

std::optional<double> duration_reader::seconds() const {
  const auto told = walker_ ? walker_->seconds() : std::nullopt;
  if (!told || !(*told > 0) || *told > longest_believed) return std::nullopt;
  return std::round(*told * 1000) / 1000;
}

// --- reading in pieces ------------------------------------------------------------------------------------------------

void duration_reader::walker::feed(std::string_view bytes) {
  total_ += bytes.size();
  while (!bytes.empty()) {
    if (to_skip_ > 0) {
      const auto skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
      bytes.remove_prefix(static_cast<std::size_t>(skipped));
      to_skip_ -= skipped;
      continue;
    }
    if (wanted_ == 0) return;  // nothing more is needed of this file
    const auto taken = std::min(wanted_ - gathered_.size(), bytes.size());
    gathered_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (gathered_.size() < wanted_) return;
    auto part = std::exchange(gathered_, {});
    on_part(part);
    gathered_ += part;  // what is left belongs to the next part
  }
}

}  // namespace music
