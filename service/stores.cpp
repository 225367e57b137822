#include "stores.hpp"

#include "adapters.hpp"
#include "await_on.hpp"

#include <music/base/log.hpp>
#include <music/base/redact.hpp>
#include <music/store/file_audio_store.hpp>
#include <music/store/memory_store.hpp>
#include <music/store/postgres_store.hpp>
#include <music/store/sqlite_store.hpp>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace music::service {
namespace {

error with_variable(std::string_view variable, const error& why) {
  return error{why.code, std::string{variable} + ": " + why.detail};
}

result<opened_stores> open_postgres(const config& settings) {
  auto stores = open_postgres_stores({.url = copy_of(settings.store_url)});
  if (stores.has_error()) return error{stores.error().code, "JOB_STORE: " + redact(stores.error().detail)};
  return opened_stores{std::move(stores->jobs), std::move(stores->audio)};
}

result<opened_stores> open_directory(const config& settings) {
  sqlite_options options;
  options.directory = settings.data_directory;
  auto jobs = open_sqlite_job_store(options);
  if (jobs.has_error()) return with_variable("DATA_DIR", jobs.error());
  auto audio = open_file_audio_store(settings.data_directory);
  if (audio.has_error()) return with_variable("DATA_DIR", audio.error());
  return opened_stores{std::move(*jobs), std::move(*audio)};
}

result<opened_stores> open_uncounted(const config& settings) {
  switch (settings.store) {
    case store_kind::memory: return opened_stores{create_memory_job_store(), create_memory_audio_store()};
    case store_kind::postgres: return open_postgres(settings);
    case store_kind::sqlite: return open_directory(settings);
  }
  return error{errc::internal, "no such store"};
}

}  // namespace

result<opened_stores> open_stores(const config& settings, service_metrics& metrics) {
  auto opened = open_uncounted(settings);
  if (opened) opened->jobs = count_operations(std::move(opened->jobs), metrics);
  return opened;
}

void erase_stray_audio(const config& settings, job_store& jobs, shard& on) {
  if (settings.store != store_kind::sqlite) return;
  job_filter filter;
  filter.unfinished_only = true;
  filter.limit = std::numeric_limits<std::int32_t>::max();
  const auto unfinished = await_on(on, jobs.select(std::move(filter)));
  if (unfinished.has_error()) return;  // the engine's recovery says why
  std::vector<job_id> fetching;
  std::set<std::string, std::less<>> named;
  for (const auto& each : *unfinished) {
    if (each.stage != job_stage::fetching) continue;
    fetching.push_back(each.id);
    named.insert(each.music.song_id);
  }
  if (fetching.empty()) return;
  const auto erased = erase_unnamed_audio(settings.data_directory, fetching, named);
  if (erased.has_error()) {
    log::warning({"service", "audio_store", "erase_stray_audio", "error"}, {{"detail", redact(erased.error().detail)}});
  } else if (*erased > 0) {
    log::info({"service", "audio_store", "erase_stray_audio", "success"}, {{"count", *erased}});
  }
}

}  // namespace music::service
