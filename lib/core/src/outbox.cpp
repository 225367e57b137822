#include <music/core/outbox.hpp>

#include <array>

namespace music {
namespace {

constexpr std::array<std::string_view, 3> states{"pending", "delivered", "dead"};

}  // namespace

std::string_view name(delivery_state state) noexcept { return states[static_cast<std::size_t>(state)]; }

std::optional<delivery_state> parse_delivery_state(std::string_view text) noexcept {
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i] == text) return static_cast<delivery_state>(i);
  }
  return std::nullopt;
}

}  // namespace music
