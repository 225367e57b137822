#pragma once

/// What the two self-hosted gateways share: they hand through Suno's own clips, two for each song that was asked for.

#include "dialect.hpp"
#include "gateway_answer.hpp"

#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace music::suno {

/// A song's id is its clips' ids joined by ':' ("a:b"): Suno has no id that finds both.
[[nodiscard]] std::string join_clips(const std::vector<std::string>& clips);
[[nodiscard]] std::vector<std::string> split_clips(std::string_view song);

/// "a,b,c,d" for the clips of all the songs.
[[nodiscard]] std::string clip_list(std::span<const std::string> songs);

/// The clips of an answer: an array, or an object with `clips`. Null if it is neither.
[[nodiscard]] const upstream::json::array* clips_in(const upstream::json::value& answer);

/// The song of a submission's clips: as many ids as fit into a song's id. Empty if none has a usable id.
[[nodiscard]] std::string song_of_clips(const upstream::json::array& clips);

/// One status for each song. It is complete when all of its clips that are listed have ended and one of them is a file;
/// listed in any order, with others between them, or not at all (`song_unknown`, which may pass).
[[nodiscard]] std::vector<result<song_status>> statuses_of(const upstream::json::array& clips,
                                                           std::span<const std::string> songs);

/// The same failure for every song.
[[nodiscard]] std::vector<result<song_status>> all_failed(std::size_t songs, const error& why);

}  // namespace music::suno
