#pragma once

/// Answers to GET /jobs/<id>, rendered once for each version of a job.

#include <music/core/job.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace music::http {

/// The bytes of one answer. Between the two parts stand Date, X-Request-Id and the like, which differ each time.
struct rendered_job {
  job_ptr source;
  std::string head;  ///< status line and the lines that do not change
  std::string body;
  std::uint32_t used_at = 0;
};

/// A bounded cache: what is asked for again and again costs no rendering. One for each shard; not thread-safe. Entries that
/// nobody asked for during two sweeps go, so that an erased job's text does not stay.
class rendered_jobs {
 public:
  explicit rendered_jobs(std::string base_url) : base_url_(std::move(base_url)) {}

  /// The rendered form of this very job value; valid until the next call of a non-const function.
  [[nodiscard]] const rendered_job& get(const job_ptr& job);

  void forget(std::string_view id);

  /// Drops what was not used lately.
  void sweep();

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  static constexpr std::size_t most_entries = 4096;
  void render(rendered_job& entry, const job_ptr& job) const;

  std::string base_url_;
  std::uint32_t sweeps_ = 0;
  std::unordered_map<std::string, rendered_job, hash, std::equal_to<>> entries_;
};

}  // namespace music::http
