#pragma once

/// Names a batch of jobs, and says which jobs those are.

#include <music/base/ids.hpp>
#include <music/base/random.hpp>
#include <music/base/time.hpp>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace music {

inline constexpr std::size_t largest_batch = 100;  ///< jobs

/// "batch_", what a job's id has after its prefix (ten characters of creation time, 26 of randomness: 130 bits), and two of
/// how many jobs there are, in Crockford's base 32. The ids of its jobs follow from it alone, so that whoever is given one can
/// tell every job of the batch, and its place, on every instance and without a look-up, also when some of them were erased.
/// Every character of it counts: an id that was changed names no jobs.
class batch_id {
 public:
  batch_id() = default;

  /// `size` is 1..`largest_batch`; else throws `std::invalid_argument`.
  [[nodiscard]] static batch_id make(random_source& random, wall_time now, std::size_t size);

  /// Accepts exactly the form that `make` gives. Everything else is not an id of ours, whatever it contains.
  [[nodiscard]] static std::optional<batch_id> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// How many jobs it was made with; 0 for an empty id.
  [[nodiscard]] std::size_t size() const noexcept;

  /// When it was made; in whole milliseconds.
  [[nodiscard]] wall_time created_at() const noexcept;

  /// The job at that place, from 0: the batch's time, and 130 bits of the SHA-256 of the batch's id and the place. Nobody can
  /// tell it from another job's id, or find the batch by it. The id must not be empty.
  [[nodiscard]] job_id job(std::size_t place) const;

  friend bool operator==(const batch_id&, const batch_id&) = default;
  friend auto operator<=>(const batch_id&, const batch_id&) = default;

 private:
  explicit batch_id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace music
