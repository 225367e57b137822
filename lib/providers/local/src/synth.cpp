#include "synth.hpp"

#include <fluidsynth.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <mutex>
#include <string_view>
#include <utility>

namespace music::local {
namespace {

constexpr std::size_t most_parts = 64;
constexpr int polyphony = 256;
constexpr int midi_channel_group = 16;  // FluidSynth wants a multiple of it
constexpr int reverb_send_controller = 91;
constexpr int chorus_send_controller = 93;
constexpr int pan_controller = 10;
constexpr int effect_group = 0;
constexpr int every_channel = -1;

/// Guards loading, program selection (which decodes SF3 samples into a cache of the process) and unloading.
std::mutex& font_mutex() {
  static std::mutex instance;
  return instance;
}

void ignore_log(int, const char*, void*) {}

/// new_fluid_synth fills global tables behind an unguarded flag; a second thread may go on before they are full.
void warm_up() {
  static std::once_flag done;
  std::call_once(done, [] {
    for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
      fluid_set_log_function(level, ignore_log, nullptr);
    }
    fluid_settings_t* settings = new_fluid_settings();
    fluid_settings_setint(settings, "synth.lock-memory", 0);
    delete_fluid_synth(new_fluid_synth(settings));
    delete_fluid_settings(settings);
  });
}

bool looks_like_soundfont(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, 12> head{};
  if (!file.read(head.data(), head.size())) return false;
  const std::string_view text{head.data(), head.size()};
  return text.starts_with("RIFF") && text.ends_with("sfbk");
}

int midi_value(double zero_to_one) noexcept { return static_cast<int>(std::lround(127 * std::clamp(zero_to_one, 0.0, 1.0))); }

void configure(fluid_settings_t* settings, double sample_rate, bool effects, int parts) {
  const int channels = (parts + midi_channel_group - 1) / midi_channel_group * midi_channel_group;
  fluid_settings_setint(settings, "synth.lock-memory", 0);
  fluid_settings_setint(settings, "synth.dynamic-sample-loading", 1);
  fluid_settings_setint(settings, "synth.threadsafe-api", 0);
  fluid_settings_setint(settings, "synth.cpu-cores", 1);
  fluid_settings_setint(settings, "synth.polyphony", polyphony);
  fluid_settings_setint(settings, "synth.midi-channels", channels);
  fluid_settings_setint(settings, "synth.audio-channels", parts);
  fluid_settings_setint(settings, "synth.audio-groups", parts);
  fluid_settings_setint(settings, "synth.reverb.active", effects ? 1 : 0);
  fluid_settings_setint(settings, "synth.chorus.active", effects ? 1 : 0);
  fluid_settings_setnum(settings, "synth.sample-rate", sample_rate);
}

/// FluidSynth 2.3.1's defaults are harsh (chorus level 2.0; 0.6 since 2.4), so every value is set here.
void set_effects(fluid_synth_t* engine, const mix_profile& mix) {
  fluid_synth_set_reverb_group_roomsize(engine, effect_group, std::clamp(mix.room_size, 0.0, 1.0));
  fluid_synth_set_reverb_group_damp(engine, effect_group, 0.35);
  fluid_synth_set_reverb_group_width(engine, effect_group, 1.0);
  fluid_synth_set_reverb_group_level(engine, effect_group, std::clamp(mix.room_level, 0.0, 1.0));
  fluid_synth_set_chorus_group_nr(engine, effect_group, 3);
  fluid_synth_set_chorus_group_level(engine, effect_group, 0.35);  // the font's synth patches send up to 9 dB over dry at 0.8
  fluid_synth_set_chorus_group_speed(engine, effect_group, 0.35);
  fluid_synth_set_chorus_group_depth(engine, effect_group, 5.0);
  fluid_synth_set_chorus_group_type(engine, effect_group, FLUID_CHORUS_MOD_SINE);
}

void set_part(fluid_synth_t* engine, int channel, const part& voice) {
  const bool drums = voice.role == part_role::drums;
  fluid_synth_set_channel_type(engine, channel, drums ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
  fluid_synth_program_change(engine, channel, std::clamp(voice.program, 0, 127));
  fluid_synth_cc(engine, channel, pan_controller, midi_value((voice.pan + 1) / 2));
  fluid_synth_cc(engine, channel, reverb_send_controller, midi_value(voice.reverb));
  fluid_synth_cc(engine, channel, chorus_send_controller, midi_value(voice.chorus));
}

/// Loads the font and selects the programs, which loads their samples. To be called under the font mutex.
bool prepare(fluid_synth_t* player, const score& piece, const std::string& soundfont, synth_quality quality) {
  constexpr int keep_presets = 0;  // else piano and drums would be decoded for all 16 channels, 0.15 s (measured)
  if (fluid_synth_sfload(player, soundfont.c_str(), keep_presets) == FLUID_FAILED) return false;
  set_effects(player, piece.mix);
  const bool fine = quality == synth_quality::listening;
  fluid_synth_set_interp_method(player, every_channel, fine ? FLUID_INTERP_7THORDER : FLUID_INTERP_LINEAR);
  for (std::size_t i = 0; i < piece.parts.size(); ++i) set_part(player, static_cast<int>(i), piece.parts[i]);
  return true;
}

}  // namespace

struct synth::engine {
  fluid_settings_t* settings = nullptr;
  fluid_synth_t* player = nullptr;
};

void synth::engine_deleter::operator()(engine* owned) const noexcept {
  {
    const std::lock_guard guard{font_mutex()};
    delete_fluid_synth(owned->player);
  }
  delete_fluid_settings(owned->settings);
  delete owned;
}

synth::synth(std::unique_ptr<engine, engine_deleter> owned, std::size_t parts) : engine_(std::move(owned)), outputs_(2 * parts) {}

result<synth> synth::open(const score& piece, const std::string& soundfont, double sample_rate, synth_quality quality) {
  if (piece.parts.empty() || piece.parts.size() > most_parts) return error{errc::invalid_argument, "number of parts"};
  if (!looks_like_soundfont(soundfont)) return error{errc::unsupported, "no SoundFont at " + soundfont};
  warm_up();

  std::unique_ptr<engine, engine_deleter> owned{new engine};
  owned->settings = new_fluid_settings();
  if (owned->settings == nullptr) return error{errc::internal, "new_fluid_settings failed"};
  configure(owned->settings, sample_rate, quality == synth_quality::listening, static_cast<int>(piece.parts.size()));

  bool loaded = false;
  {
    const std::lock_guard guard{font_mutex()};
    owned->player = new_fluid_synth(owned->settings);
    if (owned->player != nullptr) loaded = prepare(owned->player, piece, soundfont, quality);
  }
  if (owned->player == nullptr) return error{errc::internal, "new_fluid_synth failed"};
  if (!loaded) return error{errc::unsupported, "FluidSynth cannot load " + soundfont};
  return synth{std::move(owned), piece.parts.size()};
}

void synth::set_levels(double gain, const std::vector<double>& attenuation) noexcept {
  constexpr double centibels_per_db = 10;
  fluid_synth_set_gain(engine_->player, static_cast<float>(gain));
  for (std::size_t i = 0; i < attenuation.size(); ++i) {
    const auto centibels = static_cast<float>(centibels_per_db * attenuation[i]);
    fluid_synth_set_gen(engine_->player, static_cast<int>(i), GEN_ATTENUATION, centibels);
  }
}

void synth::apply(const synth_event& event) noexcept {
  fluid_synth_t* player = engine_->player;
  switch (event.kind) {
    case synth_event_kind::note_off: fluid_synth_noteoff(player, event.part, event.number); return;
    case synth_event_kind::note_on: fluid_synth_noteon(player, event.part, event.number, event.value); return;
    case synth_event_kind::control: fluid_synth_cc(player, event.part, event.number, event.value); return;
  }
}

result<void> synth::render(stem_block& block) {
  for (std::size_t i = 0; i < block.stems.size(); ++i) {
    block.stems[i] = {};  // fluid_synth_process adds to what is there
    outputs_[2 * i] = block.stems[i].left.data();
    outputs_[2 * i + 1] = block.stems[i].right.data();
  }
  block.reverb = {};
  block.chorus = {};
  std::array<float*, 4> returns{block.reverb.left.data(), block.reverb.right.data(), block.chorus.left.data(),
                                block.chorus.right.data()};
  const int failed = fluid_synth_process(engine_->player, static_cast<int>(block_frames), static_cast<int>(returns.size()),
                                         returns.data(), static_cast<int>(outputs_.size()), outputs_.data());
  if (failed != FLUID_OK) return error{errc::internal, "fluid_synth_process failed"};
  return {};
}

}  // namespace music::local
