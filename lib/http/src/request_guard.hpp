#pragma once

/// What must hold of a header before anything is done with it. Pure.

#include "problem.hpp"
#include "request_head.hpp"
#include "router.hpp"

#include <optional>
#include <string_view>

namespace music::http {

inline constexpr std::size_t longest_target = 8 * 1024;

/// Every rule that Beast 1.81 leaves to us, and where it is laxer than RFC 9112: one framing, told once and exactly; one
/// plausible Host; single-valued fields once; a target that is a path. After a refusal nothing on the connection can be
/// trusted to be where it seems: the caller must close it.
[[nodiscard]] std::optional<problem> check_head(const request_head& head) noexcept;

/// Whether a header that `check_head` let pass may be answered where it leads; `where` is null for what is no route.
[[nodiscard]] std::optional<problem> judge(const request_head& head, const route* where, bool known_caller) noexcept;

/// The path and query of a target in origin-form, or in absolute-form with the authority dropped (RFC 9112, 3.2.2). Empty
/// for every other form but `*`, which stays.
[[nodiscard]] std::string_view origin_form(std::string_view target) noexcept;

}  // namespace music::http
