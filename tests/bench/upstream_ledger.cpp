#include "upstream_ledger.hpp"

#include <music/base/json_writer.hpp>

#include <algorithm>

namespace music::bench {

upstream_ledger::song_record& upstream_ledger::at(std::size_t song) {
  if (songs_.size() <= song) songs_.resize(song + 1);
  return songs_[song];
}

void upstream_ledger::polled(std::size_t song, time_point now) {
  ++polls_;
  const auto before = at(song).answered;
  if (before != time_point{}) spacings_.push_back(std::chrono::duration<double, std::milli>(now - before).count());
}

void upstream_ledger::mark() {
  spacings_.clear();
  polls_before_mark_ = polls_;
}

std::string upstream_ledger::report() {
  std::uint64_t prompts = 0;
  std::uint64_t submissions = 0;
  std::uint64_t duplicates = 0;
  for (const auto& song : songs_) {
    prompts += song.prompts;
    submissions += song.submissions;
    if (song.submissions > 1) duplicates += song.submissions - 1;
  }
  std::ranges::sort(spacings_);
  std::string text;
  json_writer out{text};
  out.begin_object().field("prompts", prompts).field("submissions", submissions).field("duplicate_submissions", duplicates);
  out.field("polls", polls_).field("downloads", downloads_).field("since_mark", polls_ - polls_before_mark_);
  out.key("spacing_ms").begin_object().field("count", spacings_.size()).field("p50", percentile(0.5));
  out.field("p99", percentile(0.99)).field("max", percentile(1)).end_object().end_object();
  return text;
}

/// Of sorted spacings.
double upstream_ledger::percentile(double share) const {
  if (spacings_.empty()) return 0;
  return spacings_[static_cast<std::size_t>(share * static_cast<double>(spacings_.size() - 1))];
}

}  // namespace music::bench
