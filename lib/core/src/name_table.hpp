#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace music {

/// The names of an enumeration's values, in their order from 0.
template <class Enum, std::size_t Count>
struct name_table {
  std::array<std::string_view, Count> names;

  [[nodiscard]] std::string_view of(Enum value) const noexcept { return names[static_cast<std::size_t>(value)]; }

  [[nodiscard]] std::optional<Enum> find(std::string_view text) const noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
      if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
  }
};

}  // namespace music
