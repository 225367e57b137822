#include <music/base/metrics.hpp>

namespace music {
namespace {

constexpr std::string_view elsewhere = "other";

void append_label_value(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void append_metric_head(std::string& out, std::string_view name, metric_type type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
  out += type == metric_type::counter ? " counter\n" : " gauge\n";
}

void append_sample(std::string& out, std::string_view name, const std::vector<std::string_view>& labels,
                   const std::vector<std::string>& values, std::uint64_t number) {
  out += name;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out.append(i == 0 ? "{" : ",").append(labels[i]).append("=");
    append_label_value(out, values[i]);
  }
  out.append(labels.empty() ? " " : "} ").append(std::to_string(number)).append("\n");
}

void counter_family::add(std::initializer_list<std::string_view> values, std::uint64_t amount) {
  std::vector<std::string> key{values.begin(), values.end()};
  const std::lock_guard lock{mutex_};
  auto found = series_.find(key);
  if (found == series_.end()) {
    if (series_.size() >= most_series_) key.assign(labels_.size(), std::string{elsewhere});
    found = series_.try_emplace(std::move(key), 0).first;
  }
  found->second += amount;
}

void counter_family::append(std::string& out) const {
  append_metric_head(out, name_, metric_type::counter, help_);
  const std::lock_guard lock{mutex_};
  for (const auto& [values, number] : series_) append_sample(out, name_, labels_, values, number);
}

}  // namespace music
