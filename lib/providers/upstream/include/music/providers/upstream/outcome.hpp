#pragma once

/// What the answers of music services have in common: statuses, songs' ids and the words they come with.

#include <music/core/ports.hpp>
#include <music/providers/upstream/answer.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace music::upstream {

/// The code of what failed, for the log; nothing if nothing did.
template <class T>
[[nodiscard]] std::optional<errc> code_of(const result<T>& outcome) {
  return outcome ? std::nullopt : std::optional{outcome.error().code};
}

/// The failure that a status outside 2xx (or a body's own code in its place) tells. Transient: 408, 425, 429, 5xx.
[[nodiscard]] error failure_for(int status, const complaint& why, std::optional<std::chrono::seconds> wait);

/// As above, from a whole answer.
[[nodiscard]] error failure_for(const net::http_response& response, wall_time now);

/// As above, from the answer to a request that names a song: a 404 and a 410 mean `song_unknown`.
[[nodiscard]] error failure_about_song(const net::http_response& response, wall_time now);

/// What became of a submission that was answered with this status outside 2xx. Nothing was taken after a 4xx, a 503
/// and a redirect that asks for the same request elsewhere (301, 307, 308); everything else leaves it open.
[[nodiscard]] submission_fate fate_for(int status) noexcept;

/// Whether the words tell that the content was refused, and whether they tell that paid credits are used up.
[[nodiscard]] bool says_moderation(const complaint& why);
[[nodiscard]] bool says_quota(const complaint& why);

/// A song's own failure: `content_rejected` if the words tell of moderation, else `generation_failed`.
[[nodiscard]] error song_failure(const complaint& why);

[[nodiscard]] submission accepted(std::string song_id);
[[nodiscard]] submission failed(submission_fate fate, error why);

/// A submission answered with a status outside 2xx.
[[nodiscard]] submission turned_down(const net::http_response& response, wall_time now);

/// A submission that got no answer: `not_sent` if no byte of it left this machine, else `unknown`.
[[nodiscard]] submission unanswered(const net::exchange_failure& failure);

/// 1 to 128 of A-Z a-z 0-9 _ - . : * and not only dots. What does not match never enters a URL. (`*`: gateways mask the ids
/// in their documentation with it, and so do mocks that are made from that.)
[[nodiscard]] bool valid_song_id(std::string_view id) noexcept;

/// The provider's words as we may show them: one line without control and format characters, at most `most` code points.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most);

inline constexpr std::size_t longest_remote_title = 200;
inline constexpr std::size_t longest_remote_tags = 500;
inline constexpr std::size_t longest_remote_time = 64;
inline constexpr std::size_t longest_audio_url = 2048;

/// Seconds from a number or a number in a string; 0 for anything else, for negatives and past ten hours.
[[nodiscard]] double seconds_of(const json::object& from, std::string_view member);

}  // namespace music::upstream
