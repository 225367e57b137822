#pragma once

/// The header of an MPEG audio frame (ISO 11172-3, 2.4.1.3 and ISO 13818-3).

#include <cstdint>
#include <optional>
#include <string_view>

namespace music {

struct mpeg_frame {
  std::uint32_t bytes = 0;  ///< of the whole frame, its header included
  std::uint32_t samples = 0;
  std::uint32_t rate = 0;   ///< samples a second
};

/// `header` must have four bytes. Nothing for what is no frame, and for free bit rates, whose length is not told.
[[nodiscard]] std::optional<mpeg_frame> read_mpeg_frame(std::string_view header) noexcept;

}  // namespace music
