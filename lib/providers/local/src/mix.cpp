#include "mix.hpp"

#include <algorithm>

namespace music::local {
namespace {

constexpr std::uint8_t acoustic_bass_drum = 35;  // General MIDI percussion keys
constexpr std::uint8_t bass_drum = 36;

double high_pass_hz(part_role role) noexcept {
  switch (role) {
    case part_role::bass: return 32;
    case part_role::drums: return 35;
    case part_role::chords: return 110;
    case part_role::pad: return 140;
    case part_role::arpeggio: return 150;
    case part_role::melody: return 140;
    case part_role::counter: return 140;
    case part_role::texture: return 180;
  }
  return 35;
}

float duck_share_of(part_role role) noexcept {
  switch (role) {
    case part_role::bass: return 0.8F;
    case part_role::pad: return 1.0F;
    case part_role::chords: return 0.7F;
    case part_role::arpeggio: return 0.5F;
    case part_role::texture: return 0.7F;
    case part_role::melody:
    case part_role::counter: return 0.2F;
    case part_role::drums: return 0.0F;
  }
  return 0;
}

/// The font's samples are mono, so what should feel wide is spread here; what carries the beat or the tune stays put.
float spread_of(part_role role) noexcept {
  switch (role) {
    case part_role::pad: return 0.32F;
    case part_role::chords: return 0.26F;
    case part_role::arpeggio: return 0.22F;
    case part_role::texture: return 0.3F;
    case part_role::counter: return 0.15F;
    case part_role::melody: return 0.08F;
    case part_role::bass:
    case part_role::drums: return 0.0F;
  }
  return 0;
}

std::vector<double> kick_times(const score& piece, const std::vector<synth_event>& events) {
  std::vector<double> kicks;
  for (const synth_event& e : events) {
    const bool kick = e.number == acoustic_bass_drum || e.number == bass_drum;
    if (kick && e.kind == synth_event_kind::note_on && piece.parts[e.part].role == part_role::drums) {
      kicks.push_back(e.seconds);
    }
  }
  return kicks;
}

/// Just under one beat, so that the gain is back when the next kick of a steady beat comes.
double duck_recovery(double bpm) noexcept { return std::clamp(0.85 * 60 / std::max(bpm, 1.0), 0.18, 0.5); }

}  // namespace

biquad high_pass_of(part_role role, double rate) noexcept { return biquad::high_pass(high_pass_hz(role), rate); }

mixer::mixer(const score& piece, const std::vector<synth_event>& events, double rate)
    : rate_(rate),
      width_(static_cast<float>(std::clamp(piece.mix.stereo_width, 0.0, 1.5))),
      ducker_(kick_times(piece, events), piece.mix.sidechain_depth, duck_recovery(piece.bpm)),
      reverb_high_pass_(biquad::high_pass(190, rate)),
      chorus_high_pass_(biquad::high_pass(150, rate)),
      dc_blocker_(biquad::high_pass(22, rate)),
      chorus_wide_(0.0171, 0.5F, rate),
      side_high_pass_(biquad::high_pass(140, rate)) {
  double delay = 0.0113;
  for (const part& p : piece.parts) {
    strip s{.high_pass = stereo_filter{high_pass_of(p.role, rate)}, .wide = {}, .duck_share = duck_share_of(p.role)};
    if (const float spread = spread_of(p.role); spread > 0) {
      s.wide.emplace(delay, spread, rate);
      delay += 0.0019;  // each part combs elsewhere
    }
    strips_.push_back(std::move(s));
  }
  const mix_profile& profile = piece.mix;
  if (profile.wow_cents > 0) wow_.emplace(profile.wow_cents, rate);
  if (profile.low_pass_hz > 0) low_pass_.emplace(biquad::low_pass(std::min(profile.low_pass_hz, 0.45 * rate), rate));
  if (profile.vinyl_noise > 0) vinyl_.emplace(profile.vinyl_noise, piece.seed, rate);
}

stereo_block mixer::mix(stem_block& block) {
  for (std::size_t i = 0; i < block_frames; ++i) {
    ducked_[i] = ducker_.amount_at(static_cast<double>(frame_ + i) / rate_);
  }
  frame_ += block_frames;

  stereo_block out;
  for (std::size_t i = 0; i < strips_.size(); ++i) {
    stereo_block& stem = block.stems[i];
    strips_[i].high_pass.process(stem);
    if (strips_[i].wide) strips_[i].wide->process(stem);
    duck(stem, strips_[i].duck_share);
    add(out, stem);
  }
  add_returns(out, block);

  set_width(out);
  if (wow_) wow_->process(out);
  if (low_pass_) low_pass_->process(out);
  if (vinyl_) vinyl_->add_to(out);
  dc_blocker_.process(out);
  return out;
}

void mixer::duck(stereo_block& stem, float share) const noexcept {
  for (std::size_t i = 0; i < block_frames; ++i) {
    const float gain = 1 - share * ducked_[i];
    stem.left[i] *= gain;
    stem.right[i] *= gain;
  }
}

/// FluidSynth returns its chorus with the channels in opposite phase (correlation -0.95, measured), so that a mono speaker
/// would lose it: the right one is turned over, and the return spread in a way that mono survives.
void mixer::add_returns(stereo_block& out, stem_block& block) noexcept {
  reverb_high_pass_.process(block.reverb);
  add(out, block.reverb);
  for (float& sample : block.chorus.right) sample = -sample;
  chorus_high_pass_.process(block.chorus);
  chorus_wide_.process(block.chorus);
  add(out, block.chorus);
}

/// Scales what differs between the channels and keeps the bass in the middle.
void mixer::set_width(stereo_block& block) noexcept {
  for (std::size_t i = 0; i < block_frames; ++i) {
    const float middle = 0.5F * (block.left[i] + block.right[i]);
    const float side = width_ * side_high_pass_(0.5F * (block.left[i] - block.right[i]));
    block.left[i] = middle + side;
    block.right[i] = middle - side;
  }
}

}  // namespace music::local
