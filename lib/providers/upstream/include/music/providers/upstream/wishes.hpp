#pragma once

/// A song request in the words that music services want.

#include <music/core/ports.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace music::upstream {

/// Tags and style, joined by a comma.
[[nodiscard]] std::string style_words(const song_request& request);

/// Prompt and style words in one text of at most `most` code points; the style words go first when it is too long.
[[nodiscard]] std::string whole_prompt(const song_request& request, std::size_t most);

/// The parts between commas, trimmed, without empty ones; at most `most`.
[[nodiscard]] std::vector<std::string> list_of(std::string_view words, std::size_t most);

/// At most `most` code points, cut at the end of a line where there is one.
[[nodiscard]] std::string cut_at_line(std::string_view text, std::size_t most);

/// Lyrics under one heading: "Verse 1" for the line "[Verse 1]".
struct lyric_section {
  std::string name;
  std::vector<std::string> lines;
};

/// Lyrics by their headings, at most `most`: what is left over goes to the last. Lines before the first heading are "Verse".
[[nodiscard]] std::vector<lyric_section> sections_of(std::string_view lyrics, std::size_t most);

/// A song is with a voice unless the request says otherwise.
[[nodiscard]] inline bool wants_voice(const song_request& request) { return !request.instrumental.value_or(false); }

}  // namespace music::upstream
