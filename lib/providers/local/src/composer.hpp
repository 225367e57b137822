#pragma once

/// From words to a score: the seeded composer of the embedded music provider.

#include "score.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace music::local {

/// What the composer is asked for. Empty optionals are chosen from the words.
struct composition_request {
  std::string theme;                       ///< the user's theme, UTF-8, already validated
  std::string prompt;                      ///< the written music prompt, UTF-8, already validated
  std::string tags;                        ///< style hints, may be empty
  std::uint64_t seed = 0;                  ///< the same request and seed give the same score
  std::optional<double> duration_seconds;  ///< 20..300; default chosen by style, about 75-100 s
  std::optional<std::string> style;        ///< a style id; unknown ids are ignored
  std::optional<std::string> title;        ///< default: made from the theme
};

/// Composes a whole piece. Pure and deterministic; takes some milliseconds; throws nothing but bad_alloc.
[[nodiscard]] score compose(const composition_request& request);

}  // namespace music::local
