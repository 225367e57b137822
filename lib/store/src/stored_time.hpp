#pragma once

/// Times as databases and records hold them.

#include <music/base/time.hpp>

#include <cstdint>

namespace music {

/// Since 1970.
[[nodiscard]] inline std::int64_t milliseconds(wall_time time) noexcept { return time.time_since_epoch().count(); }
[[nodiscard]] inline wall_time from_milliseconds(std::int64_t count) noexcept {
  return wall_time{std::chrono::milliseconds{count}};
}

}  // namespace music
