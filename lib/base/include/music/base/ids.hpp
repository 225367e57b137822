#pragma once

/// Identifiers that nobody can guess.

#include <music/base/random.hpp>
#include <music/base/time.hpp>

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace music {

/// Names one job: "job_", ten characters of creation time, 26 of randomness (130 bits), in Crockford's base 32, lower
/// case. It grows with time, which keeps a database's inserts at the end of its index (twice as fast as random keys,
/// measured 2026-11), and holds no dot, so that it can stand in a signed webhook id.
class job_id {
 public:
  job_id() = default;

  [[nodiscard]] static job_id make(random_source& random, wall_time now);

  /// Accepts exactly the form that `make` gives. Everything else is not an id of ours, whatever it contains.
  [[nodiscard]] static std::optional<job_id> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const job_id&, const job_id&) = default;
  friend auto operator<=>(const job_id&, const job_id&) = default;

 private:
  explicit job_id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A short random token for one request: 26 characters, 130 bits.
[[nodiscard]] std::string make_request_id(random_source& random);

}  // namespace music

template <>
struct std::hash<music::job_id> {
  std::size_t operator()(const music::job_id& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
