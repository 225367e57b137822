#pragma once

/// A song request in the words of Suno's two ways of asking: a style with lyrics ("custom"), or a description.

#include "text_limits.hpp"

#include <music/core/ports.hpp>
#include <music/providers/upstream/wishes.hpp>

#include <string>

namespace music::suno {

using upstream::style_words;

/// The style field: the tags as far as they fit, then the written prompt as far as it fits.
[[nodiscard]] std::string style_of(const song_request& request, const text_limits& limits);

/// The description field: the written prompt, then tags, title and what to avoid, for which that mode has no fields of
/// their own. The prompt is cut first.
[[nodiscard]] std::string description_of(const song_request& request, const text_limits& limits);

/// The request's title, else the theme as far as it fits: custom songs must have one.
[[nodiscard]] std::string title_of(const song_request& request, const text_limits& limits);

[[nodiscard]] std::string lyrics_of(const song_request& request, const text_limits& limits);
[[nodiscard]] std::string negative_tags_of(const song_request& request, const text_limits& limits);

}  // namespace music::suno
