#pragma once

/// Where jobs and songs rest, opened as the configuration says.

#include "config.hpp"
#include "metering.hpp"

#include <music/async/shard.hpp>
#include <music/base/error.hpp>
#include <music/core/audio.hpp>
#include <music/core/ports.hpp>

#include <memory>

namespace music::service {

/// Thread-safe, both.
struct opened_stores {
  std::unique_ptr<job_store> jobs;  ///< counted
  std::unique_ptr<audio_store> audio;
};

/// Blocks while a PostgreSQL server is still starting. `metrics` must outlive the stores. Error: the detail names the variable
/// and is fit for the operator.
[[nodiscard]] result<opened_stores> open_stores(const config& settings, service_metrics& metrics);

/// A crash between placing a song's file and the commit that names it leaves a file that nobody would ever erase. Blocks; call it
/// while shards run and no job is worked on yet: the directory must be ours alone.
void erase_stray_audio(const config& settings, job_store& jobs, shard& on);

}  // namespace music::service
