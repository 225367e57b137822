#pragma once

/// What the numbers in the answers of sunoapi.org and kie.ai mean. HTTP says 200 most of the time.

#include "dialect.hpp"

#include <music/providers/upstream/answer.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace music::suno {

enum class code_meaning : std::uint8_t {
  refused,         ///< this request will never do
  authentication,
  unknown_task,
  quota,           ///< until somebody pays
  rate,            ///< slower
  maintenance,     ///< later
  failed_song,     ///< the song itself failed
  server,          ///< their failure; what became of the request is open
};

struct code_row {
  int code;
  code_meaning meaning;
};

[[nodiscard]] std::span<const code_row> sunoapi_codes() noexcept;
[[nodiscard]] std::span<const code_row> kie_codes() noexcept;

/// A code that the host does not document is `server` from 500 on, else `refused`.
[[nodiscard]] code_meaning meaning_of(int code, std::span<const code_row> host) noexcept;

/// The failure that a code tells; words of moderation or of credits are believed before it.
[[nodiscard]] error failure_of(code_meaning meaning, const upstream::complaint& why, std::optional<std::chrono::seconds> wait);

/// What became of a submission that was answered so.
[[nodiscard]] submission_fate fate_of(code_meaning meaning) noexcept;

}  // namespace music::suno
