#include "renderer.hpp"

#include "cover.hpp"
#include "encode.hpp"
#include "master.hpp"
#include "mix.hpp"
#include "renderer_watch.hpp"
#include "synth.hpp"
#include "synth_timeline.hpp"
#include "tags.hpp"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>
#include <vector>

namespace music::local {
namespace {

constexpr double sample_rate = 44100;
constexpr double measuring_rate = 22050;  // half the samples; the loudness differs by less than 0.25 LU (measured)
constexpr double measuring_gain = 0.3;
constexpr double widest_correction_db = 40;
constexpr double longest_seconds = 320;     // the longest song and its last chord; bounds the memory (120 MB measured)
constexpr double shortest_seconds = 0.5;

std::size_t frames_of(const score& piece, double rate) noexcept {
  return static_cast<std::size_t>(std::lround(std::clamp(piece.duration_seconds, shortest_seconds, longest_seconds) * rate));
}

std::size_t blocks_of(std::size_t frames) noexcept { return (frames + block_frames - 1) / block_frames; }

/// Plays the whole piece and hands over each block of stems. Errors: those of `each`, `canceled`, `internal`.
template <class Each>
result<void> play(synth& player, const score& piece, const std::vector<synth_event>& events, double rate, render_watch& watch,
                  Each each) {
  stem_block stems{.stems = std::vector<stereo_block>(piece.parts.size()), .reverb = {}, .chorus = {}};
  const std::size_t blocks = blocks_of(frames_of(piece, rate));
  auto next = events.begin();
  for (std::size_t i = 0; i < blocks; ++i) {
    if (auto going_on = watch.step(i, blocks); !going_on) return going_on;
    const double now = (static_cast<double>(i) + 0.5) * block_frames / rate;  // the nearest block, not the next one
    for (; next != events.end() && next->seconds <= now; ++next) player.apply(*next);
    if (auto rendered = player.render(stems); !rendered) return rendered;
    if (auto taken = each(stems); !taken) return taken;
  }
  return {};
}

/// What the second pass must know so that each part sounds as loud as the score asks.
struct balance {
  double gain = measuring_gain;
  std::vector<double> attenuation;  ///< dB below the part that needs the most
};

balance balance_for(const score& piece, const std::vector<loudness_meter>& meters) {
  std::vector<double> corrections;
  for (std::size_t i = 0; i < meters.size(); ++i) {
    const double measured = meters[i].integrated();
    const double wanted = std::isfinite(measured) ? piece.parts[i].loudness - measured : 0;
    corrections.push_back(std::clamp(wanted, -widest_correction_db, widest_correction_db));
  }
  const double most = *std::max_element(corrections.begin(), corrections.end());
  balance found{.gain = std::min(10.0, measuring_gain * gain_of_db(most)), .attenuation = {}};
  for (const double correction : corrections) found.attenuation.push_back(most - correction);
  return found;
}

/// First pass: how loud is each part on its own? Nothing is kept but the meters, so it takes no memory.
result<balance> measure_parts(synth& player, const score& piece, const std::vector<synth_event>& events, render_watch& watch) {
  player.set_levels(measuring_gain, {});
  std::vector<loudness_meter> meters;
  std::vector<stereo_filter> filters;
  for (const part& p : piece.parts) {
    auto meter = loudness_meter::create(measuring_rate);
    if (!meter) return meter.error();
    meters.push_back(std::move(*meter));
    filters.emplace_back(high_pass_of(p.role, measuring_rate));
  }
  auto played = play(player, piece, events, measuring_rate, watch, [&](stem_block& block) -> result<void> {
    for (std::size_t i = 0; i < meters.size(); ++i) {
      filters[i].process(block.stems[i]);
      if (auto added = meters[i].add(block.stems[i]); !added) return added;
    }
    return {};
  });
  if (!played) return played.error();
  return balance_for(piece, meters);
}

/// Second pass: the real sound, mixed as it comes.
result<recorded_mix> record_mix(synth& player, const score& piece, const std::vector<synth_event>& events, render_watch& watch) {
  auto meter = loudness_meter::create(sample_rate);
  if (!meter) return meter.error();
  const std::size_t frames = frames_of(piece, sample_rate);
  recorded_mix recorded{.audio = mix_buffer{blocks_of(frames)}, .peaks = {}, .rate = sample_rate, .frames = frames};
  recorded.peaks.reserve(hops_per_block * blocks_of(frames));
  mixer desk{piece, events, sample_rate};
  true_peak_follower follower;
  auto played = play(player, piece, events, sample_rate, watch, [&](stem_block& stems) -> result<void> {
    const stereo_block mixed = desk.mix(stems);
    recorded.audio.append(mixed);
    const auto peaks = follower.follow(mixed);
    recorded.peaks.insert(recorded.peaks.end(), peaks.begin(), peaks.end());
    return meter->add(mixed);
  });
  if (!played) return played.error();
  recorded.lufs = meter->integrated();
  return recorded;
}

/// Opens both passes' synthesizers before the first plays, so that the font's samples are decoded once.
result<recorded_mix> mix_piece(const score& piece, const std::string& soundfont, render_watch& watch) {
  auto measuring = synth::open(piece, soundfont, measuring_rate, synth_quality::measuring);
  if (!measuring) return measuring.error();
  auto listening = synth::open(piece, soundfont, sample_rate, synth_quality::listening);
  if (!listening) return listening.error();

  const std::vector<synth_event> events = timeline_of(piece);
  watch.begin_stage(0, 0.25);
  const auto levels = measure_parts(*measuring, piece, events, watch);
  if (!levels) return levels.error();
  listening->set_levels(levels->gain, levels->attenuation);
  watch.begin_stage(0.25, 0.75);
  return record_mix(*listening, piece, events, watch);
}

/// Encodes, and where a lossy codec has raised the peaks too far, masters again under a lower ceiling.
result<std::string> encode_under_peak(master& mastered, audio_format format, std::uint64_t seed, render_watch& watch) {
  constexpr int most_attempts = 4;
  constexpr double margin_db = 0.15;  // decoders differ
  auto encoded = encode(mastered, format, seed, watch);
  for (int attempt = 1; attempt < most_attempts && encoded && is_lossy(format); ++attempt) {
    const auto peak = decoded_true_peak(*encoded, watch);
    if (!peak) return peak.error();
    const double excess = *peak - (promised_dbtp - margin_db);
    if (excess <= 0) break;
    if (auto lowered = mastered.lower_ceiling(excess, watch); !lowered) return lowered.error();
    encoded = encode(mastered, format, seed, watch);
  }
  return encoded;
}

/// The mix ends here, so that its memory is free when the tags are written.
result<rendered_audio> encode_master(recorded_mix mix, audio_format format, std::uint64_t seed, render_watch& watch) {
  watch.begin_stage(0.75, 0.85);
  auto mastered = master::make(std::move(mix), watch);
  if (!mastered) return mastered.error();
  watch.begin_stage(0.85, 1);
  auto encoded = encode_under_peak(*mastered, format, seed, watch);
  if (!encoded) return encoded.error();
  return rendered_audio{.bytes = std::move(*encoded),
                        .content_type = content_type_of(format),
                        .duration_seconds = static_cast<double>(mastered->frames()) / mastered->rate(),
                        .integrated_lufs = mastered->integrated_lufs(),
                        .true_peak_dbtp = mastered->true_peak_dbtp()};
}

result<rendered_audio> render_or_throw(const score& piece, const render_options& options) {
  render_watch watch{options};
  auto mix = mix_piece(piece, options.soundfont, watch);
  if (!mix) return mix.error();
  malloc_trim(0);  // the font's samples are gone; glibc would keep their 40 MB beside what comes now
  auto audio = encode_master(std::move(*mix), options.format, piece.seed, watch);
  if (!audio) return audio.error();

  auto tagged = write_tags(std::move(audio->bytes), options.format, tags_of(piece), png_of(draw_cover(piece)));
  if (!tagged) return tagged.error();
  audio->bytes = std::move(*tagged);
  if (options.format == audio_format::ogg) {
    if (auto fixed = fix_ogg_serial(audio->bytes, piece.seed); !fixed) return fixed.error();
  }
  if (auto finished = watch.step(1, 1); !finished) return finished.error();
  return std::move(*audio);
}

}  // namespace

result<rendered_audio> render(const score& piece, const render_options& options) {
  try {
    return render_or_throw(piece, options);
  } catch (const std::exception& failure) {
    return error{errc::internal, failure.what()};
  }
}

}  // namespace music::local
