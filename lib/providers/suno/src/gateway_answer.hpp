#pragma once

/// What the gateways have in common in their answers.

#include "dialect.hpp"

#include <music/providers/upstream/answer.hpp>

#include <string>
#include <string_view>

namespace music::suno {

/// The failure that a status outside 2xx (or a body's own code in its place) tells. Transient: 408, 425, 429, 5xx.
[[nodiscard]] error failure_for(int status, const upstream::complaint& why, std::optional<std::chrono::seconds> wait);

/// What became of a submission that was answered with this status outside 2xx. Nothing was taken after a 4xx, a 503
/// and a redirect that asks for the same request elsewhere (301, 307, 308); everything else leaves it open.
[[nodiscard]] submission_fate fate_for(int status) noexcept;

/// A song's own failure: `content_rejected` if the words tell of moderation, else `generation_failed`.
[[nodiscard]] error song_failure(const upstream::complaint& why);

/// The provider's words as we may show them: one line without control and format characters, at most `most` code points.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most);

/// Seconds from a number or a number in a string; 0 for anything else, for negatives and past ten hours.
[[nodiscard]] double seconds_of(const upstream::json::object& from, std::string_view member);

}  // namespace music::suno
