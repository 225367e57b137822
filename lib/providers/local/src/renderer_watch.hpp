#pragma once

/// What a long computation tells its caller, and what the caller may tell it: progress one way, a stop the other.

#include "renderer.hpp"

#include <algorithm>

namespace music::local {

/// Owner: one render, on its thread. Progress is reported in whole percents, so at most 101 times.
class render_watch {
 public:
  explicit render_watch(const render_options& options) : options_(options) {}

  /// The following reports cover this part of the whole, both 0..1.
  void begin_stage(double from, double to) noexcept {
    from_ = from;
    to_ = to;
  }

  /// Tells that `done` of `all` steps of the stage are finished. Error: `canceled` if a stop was requested.
  [[nodiscard]] result<void> step(std::size_t done, std::size_t all) {
    if (options_.stop.stop_requested()) return error{errc::canceled, "stopped"};
    const double share = all == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(all);
    const int percent = static_cast<int>(100 * (from_ + (to_ - from_) * std::min(1.0, share)));
    if (percent > reported_ && options_.on_progress) {
      reported_ = percent;
      options_.on_progress(percent / 100.0);
    }
    return {};
  }

 private:
  const render_options& options_;
  double from_ = 0;
  double to_ = 1;
  int reported_ = 0;
};

}  // namespace music::local
