/// Tempo and key of a sound file by Queen Mary's DSP library, which knows nothing of our composer.
///
///   music_detect FILE      prints {"bpm": 92.1, "tonic": 9, "minor": true}; bpm 0 and tonic -1 where nothing is found
///
/// libqm-dsp is GPL: a test tool only, never part of the program that is shipped.

#include <dsp/keydetection/GetKeyMode.h>
#include <dsp/onsets/DetectionFunction.h>
#include <dsp/tempotracking/TempoTrackV2.h>
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace {

struct mono_audio {
  int rate = 0;
  std::vector<double> samples;
};

mono_audio read(const char* path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path, SFM_READ, &info);
  if (file == nullptr) return {};
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<double> interleaved(static_cast<std::size_t>(info.frames) * channels);
  const auto frames = static_cast<std::size_t>(sf_readf_double(file, interleaved.data(), info.frames));
  sf_close(file);
  mono_audio audio{.rate = info.samplerate, .samples = std::vector<double>(frames)};
  for (std::size_t i = 0; i < frames * channels; ++i) {
    audio.samples[i / channels] += interleaved[i] / static_cast<double>(channels);
  }
  return audio;
}

/// 1..12 = C..B major, 13..24 = minor, by how often each was heard; 0 if never any.
std::size_t commonest_key(mono_audio& audio) {
  GetKeyMode detector{audio.rate, 440, 10, 10};
  std::array<int, 25> heard{};
  const auto block = static_cast<std::size_t>(detector.getBlockSize());
  const auto hop = static_cast<std::size_t>(detector.getHopSize());
  for (std::size_t at = 0; at + block < audio.samples.size(); at += hop) {
    const int key = detector.process(&audio.samples[at]);
    if (key > 0 && key <= 24) ++heard[static_cast<std::size_t>(key)];
  }
  const auto most = std::max_element(heard.begin(), heard.end());
  return *most == 0 ? 0 : static_cast<std::size_t>(most - heard.begin());
}

constexpr int hop_size = 512;

std::vector<double> onset_strength(mono_audio& audio) {
  DFConfig config{};
  config.DFType = DF_COMPLEXSD;
  config.stepSize = hop_size;
  config.frameLength = 2 * hop_size;
  config.dbRise = 3;
  config.adaptiveWhitening = false;
  config.whiteningRelaxCoeff = -1;
  config.whiteningFloor = -1;
  DetectionFunction detector{config};
  std::vector<double> strength;
  for (std::size_t at = 0; at + 2 * hop_size < audio.samples.size(); at += hop_size) {
    strength.push_back(detector.processTimeDomain(&audio.samples[at]));
  }
  while (!strength.empty() && strength.back() <= 0) strength.pop_back();
  if (strength.size() > 2) strength.erase(strength.begin(), strength.begin() + 2);  // the detector settles
  return strength;
}

/// The mean of those beat intervals that lie within a tenth of the median; 0 with fewer than eight.
double tempo_of(mono_audio& audio) {
  const std::vector<double> strength = onset_strength(audio);
  std::vector<double> periods(strength.size());
  std::vector<double> tempi;
  std::vector<double> beats;
  TempoTrackV2 tracker{static_cast<float>(audio.rate), hop_size};
  tracker.calculateBeatPeriod(strength, periods, tempi);
  tracker.calculateBeats(strength, periods, beats);
  if (beats.size() < 9) return 0;

  std::vector<double> intervals;
  for (std::size_t i = 1; i < beats.size(); ++i) intervals.push_back(beats[i] - beats[i - 1]);
  std::sort(intervals.begin(), intervals.end());
  const double median = intervals[intervals.size() / 2];
  double sum = 0;
  int count = 0;
  for (const double interval : intervals) {
    if (interval < 0.9 * median || interval > 1.1 * median) continue;
    sum += interval;
    ++count;
  }
  return 60.0 * audio.rate * count / (hop_size * sum);
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: music_detect FILE\n");
    return 2;
  }
  mono_audio audio = read(words[1]);
  if (audio.samples.empty()) {
    std::fprintf(stderr, "cannot read the file\n");
    return 1;
  }
  const std::size_t key = commonest_key(audio);
  const int tonic = key == 0 ? -1 : static_cast<int>((key - 1) % 12);
  std::printf("{\"bpm\": %.2f, \"tonic\": %d, \"minor\": %s}\n", tempo_of(audio), tonic, key > 12 ? "true" : "false");
  return 0;
}
