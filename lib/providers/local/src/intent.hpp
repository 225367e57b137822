#pragma once

/// What the words ask for: a style, a mood, and whatever they say outright about tempo, key and instruments.

#include "composer.hpp"
#include "style.hpp"

#include <optional>

namespace music::local {

struct intent {
  const style* chosen = nullptr;  ///< never null; lives as long as the program
  int valence = 0;                ///< sad .. happy, -100..100
  int arousal = 0;                ///< calm .. driving, -100..100
  std::optional<double> bpm;      ///< said outright, 40..220
  int tempo_percent = 100;        ///< "slow", "upbeat", against the style's usual tempo
  std::optional<int> key_root;    ///< said outright, pitch class
  std::optional<bool> minor;
  std::optional<int> lead_program;  ///< the instrument that was asked for, General MIDI
  bool without_drums = false;
};

/// Reads theme, tags and prompt together. Genre words outweigh instruments, instruments outweigh scenes, scenes
/// outweigh moods; the theme and the tags outweigh the prompt. Words that it does not know leave the choice to a hash
/// of the theme, so that any language gets a stable answer.
[[nodiscard]] intent read_intent(const composition_request& request);

}  // namespace music::local
