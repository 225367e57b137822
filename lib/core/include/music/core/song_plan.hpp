#pragma once

/// What a prompt writer planned for a song besides the prompt itself.

#include <optional>
#include <string>

namespace music {

inline constexpr int slowest_bpm = 40;
inline constexpr int fastest_bpm = 220;

/// Suggestions: what the caller asked for always wins. Each text satisfies the rules of the request's field of the same
/// name; empty or absent means that the writer has no opinion.
struct song_plan {
  std::string title;
  std::string tags;           ///< words of style, separated by commas, the most important first
  std::string lyrics;         ///< section tags like [Chorus] on lines of their own
  std::string negative_tags;
  std::optional<bool> instrumental;
  std::optional<int> bpm;     ///< from `slowest_bpm` to `fastest_bpm`
  std::string key;            ///< e.g. "A minor"

  friend bool operator==(const song_plan&, const song_plan&) = default;
};

}  // namespace music
