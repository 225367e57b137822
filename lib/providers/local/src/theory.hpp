#pragma once

/// Scales, chords and their names. Pitch classes are 0 = C .. 11 = B; pitches are MIDI key numbers.

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music::local {

/// The pitch class of a pitch, also for negative numbers.
[[nodiscard]] constexpr int pitch_class(int pitch) noexcept { return ((pitch % 12) + 12) % 12; }

/// A set of pitch classes; members may be given as any pitch.
class pitch_set {
 public:
  [[nodiscard]] constexpr bool contains(int pitch) const noexcept { return ((bits_ >> pitch_class(pitch)) & 1U) != 0; }
  constexpr void insert(int pitch) noexcept { bits_ |= 1U << pitch_class(pitch); }
  constexpr void erase(int pitch) noexcept { bits_ &= ~(1U << pitch_class(pitch)); }
  [[nodiscard]] constexpr int size() const noexcept { return std::popcount(bits_); }
  friend constexpr bool operator==(pitch_set, pitch_set) noexcept = default;

 private:
  std::uint32_t bits_ = 0;
};

enum class scale_id : std::uint8_t { ionian, lydian, mixolydian, aeolian, dorian };

/// The seven pitch classes of a scale on `tonic`.
[[nodiscard]] pitch_set scale_tones(scale_id scale, int tonic);

/// A chord relative to a tonic: what a Roman numeral says.
struct chord_shape {
  int semitones_above_tonic = 0;
  std::vector<int> intervals;  ///< above the root, ascending, the first one 0
  std::string suffix;          ///< for the printed name, e.g. "m9"
};

/// Reads a Roman numeral: accidentals relative to the MAJOR scale, case for the third, then a quality, such as
/// "Imaj9", "bVII", "ii7b5", "V7sus4". Nothing for anything else.
[[nodiscard]] std::optional<chord_shape> parse_chord(std::string_view numeral);

/// The pitch classes of a chord on `root`.
[[nodiscard]] pitch_set chord_tones(int root, const std::vector<int>& intervals);

/// The scale a melody uses over a chord: each chord tone foreign to `scale` replaces its neighbours a semitone away
/// that are not themselves chord tones (the raised seventh over a dominant in minor, for example).
[[nodiscard]] pitch_set bend_scale(pitch_set scale, pitch_set chord);

/// True where the key is usually written with flats.
[[nodiscard]] bool written_with_flats(int tonic, bool minor);

/// "C#" or "Db".
[[nodiscard]] std::string_view pitch_name(int pitch, bool flats);

/// The pitch `steps` scale steps above (below, if negative) `pitch`, which is first moved up into the scale.
[[nodiscard]] int move_in_scale(int pitch, int steps, pitch_set scale);

}  // namespace music::local
