#pragma once

/// Numbers for Prometheus, in its text format (version 0.0.4).

#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace music {

enum class metric_type : std::uint8_t { counter, gauge };

/// Appends the HELP and TYPE lines that come before the samples of a metric. Texts are the program's own.
void append_metric_head(std::string& out, std::string_view name, metric_type type, std::string_view help);

/// Appends one sample. There is a value for each label; bytes that must not stand in one are escaped.
void append_sample(std::string& out, std::string_view name, const std::vector<std::string_view>& labels,
                   const std::vector<std::string>& values, std::uint64_t number);

/// A counter for each combination of label values. Values must come from small sets that the program knows (names of routes, of
/// error types), never from a request or an upstream; should they not, combinations past `most_series` are counted together
/// as "other", so that memory stays bounded. Thread-safe.
class counter_family {
 public:
  /// All texts must be static.
  counter_family(std::string_view name, std::string_view help, std::vector<std::string_view> labels,
                 std::size_t most_series = 200)
      : name_(name), help_(help), labels_(std::move(labels)), most_series_(most_series) {}

  /// One value for each label.
  void add(std::initializer_list<std::string_view> values, std::uint64_t amount = 1);

  void append(std::string& out) const;

 private:
  std::string_view name_;
  std::string_view help_;
  std::vector<std::string_view> labels_;
  std::size_t most_series_;
  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, std::uint64_t> series_;
};

}  // namespace music
