#pragma once

/// A page of jobs out of records of which some may not be readable.

#include <music/async/task.hpp>
#include <music/core/ports.hpp>
#include <music/store/job_record.hpp>

#include <string>
#include <utility>
#include <vector>

namespace music {

/// What `store.records(filter)`, a `task<result<std::vector<std::string>>>`, finds, decoded. Records that cannot be read are
/// reported, and as many others asked for in their place: a page that is short is the last one. Errors: those of `records`.
template <class Store>
[[nodiscard]] task<result<std::vector<job>>> select_readable(Store& store, job_filter filter) {
  for (const auto wanted = filter.limit;;) {
    auto records = co_await store.records(filter);
    if (!records) co_return records.error();
    std::vector<job> page;
    page.reserve(records->size());
    for (const auto& record : *records) {
      if (auto decoded = decode_job_or_report(record)) page.push_back(std::move(*decoded));
    }
    const auto unreadable = records->size() - page.size();
    const bool whole = wanted + unreadable <= filter.limit || records->size() < filter.limit;
    if (page.size() > wanted) page.resize(wanted);  // fewer could be read a moment ago
    if (whole) co_return page;
    filter.limit = wanted + unreadable;
  }
}

}  // namespace music
