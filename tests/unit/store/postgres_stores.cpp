#include "postgres_support.hpp"
#include "stores_under_test.hpp"

namespace music::test {

std::vector<std::string> job_store_kinds() { return {"postgres"}; }

std::unique_ptr<job_store> open_job_store(const std::string&, const std::filesystem::path&) {
  return opened(url_of(fresh_database())).jobs;
}

std::vector<std::string> audio_store_kinds() { return {"postgres"}; }

std::unique_ptr<audio_store> open_audio_store(const std::string&, const std::filesystem::path&) {
  return opened(url_of(fresh_database())).audio;
}

}  // namespace music::test
