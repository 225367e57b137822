#pragma once

/// What must hold of a header before anything is done with it. Pure.

#include "problem.hpp"
#include "request_head.hpp"
#include "router.hpp"

#include <music/core/job_service.hpp>

#include <optional>
#include <string_view>

namespace music::http {

inline constexpr std::size_t longest_target = 8 * 1024;

/// Every rule that Beast 1.81 leaves to us, and where it is laxer than RFC 9112: one framing, told once and exactly; one
/// plausible Host; single-valued fields once; a target that is a path. After a refusal nothing on the connection can be
/// trusted to be where it seems: the caller must close it.
[[nodiscard]] std::optional<problem> check_head(const request_head& head) noexcept;

/// Whether a header that `check_head` let pass may be answered where it leads; `where` is null for what is no route, `by` for a
/// caller whom nobody knows.
[[nodiscard]] std::optional<problem> judge(const request_head& head, const route* where, const caller* by,
                                           std::string_view base_url) noexcept;

/// Whether a browser's page from there may speak to us (DNS rebinding): this service's own pages and those of this machine.
/// `origin` is the header's value, `base_url` what our links begin with.
[[nodiscard]] bool is_known_origin(std::string_view origin, std::string_view base_url) noexcept;

/// The path and query of a target in origin-form, or in absolute-form with the authority dropped (RFC 9112, 3.2.2). Empty
/// for every other form but `*`, which stays.
[[nodiscard]] std::string_view origin_form(std::string_view target) noexcept;

}  // namespace music::http
