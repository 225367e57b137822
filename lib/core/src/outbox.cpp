#include "name_table.hpp"

#include <music/core/outbox.hpp>

namespace music {
namespace {

constexpr name_table<delivery_state, 3> states{{"pending", "delivered", "dead"}};

}  // namespace

std::string_view name(delivery_state state) noexcept { return states.of(state); }

std::optional<delivery_state> parse_delivery_state(std::string_view text) noexcept { return states.find(text); }

}  // namespace music
