#pragma once

/// A job as a JSON document: the form in which every durable store keeps it.

#include <music/base/error.hpp>
#include <music/core/job.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace music {

/// The latest version that is read. Adding a member does not raise it: readers ignore members that they do not know
/// and give missing ones their defaults, so that programs one version apart read each other's records. It is raised only
/// when an older reader would misunderstand a record, and only such records are written with it: in version 2 the job's
/// goal is not a song, and a reader of version 1 would buy one.
inline constexpr int job_record_version = 2;

/// One line of JSON with every field of the job. Times are milliseconds since 1970; fractions are strings, because
/// Boost.JSON 1.81 reads some decimals one bit off. Text that is not UTF-8 is mended with U+FFFD.
[[nodiscard]] std::string encode_job(const job& job);

/// Reads what `encode_job` of this or an earlier version wrote: `decode_job(encode_job(j)) == j` for every job whose texts
/// are UTF-8. Error: `internal` for a damaged record or one of a later version; the detail names the member, never its
/// value.
[[nodiscard]] result<job> decode_job(std::string_view record);

/// The same for one record among many: one that cannot be read is said in the log and must not hide the others.
[[nodiscard]] std::optional<job> decode_job_or_report(std::string_view record);

}  // namespace music
