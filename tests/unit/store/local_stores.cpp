#include "stores_under_test.hpp"

#include <music/store/file_audio_store.hpp>
#include <music/store/memory_store.hpp>
#include <music/store/sqlite_store.hpp>

namespace music::test {

std::vector<std::string> job_store_kinds() { return {"memory", "sqlite"}; }

std::unique_ptr<job_store> open_job_store(const std::string& kind, const std::filesystem::path& directory) {
  if (kind == "memory") return create_memory_job_store();
  return open_sqlite_job_store({.directory = directory}).value();
}

std::vector<std::string> audio_store_kinds() { return {"memory", "files"}; }

std::unique_ptr<audio_store> open_audio_store(const std::string& kind, const std::filesystem::path& directory) {
  if (kind == "memory") return create_memory_audio_store();
  return open_file_audio_store(directory).value();
}

}  // namespace music::test
