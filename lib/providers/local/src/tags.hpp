#pragma once

/// What a player shows of a song: title, artist, genre, tempo, key, where it came from, and a cover.

#include "renderer.hpp"
#include "score.hpp"

#include <music/base/error.hpp>

#include <string>

namespace music::local {

/// The words that go into the file. No year: the same score must give the same bytes for ever.
struct song_tags {
  std::string title;
  std::string artist;
  std::string genre;
  std::string comment;
  std::string initial_key;  ///< ID3's form, e.g. "Am", "F#"
  int bpm = 0;
};

[[nodiscard]] song_tags tags_of(const score& piece);

/// Writes the tags and the cover (a PNG) into an encoded file. Error: `internal` if TagLib does not know the file.
[[nodiscard]] result<std::string> write_tags(std::string bytes, audio_format format, const song_tags& tags,
                                             const std::string& cover_png);

}  // namespace music::local
