#include "router.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <set>

using namespace music::http;

namespace {

endpoint where(std::string_view target) {
  const auto result = match(target);
  return result.found == nullptr ? endpoint::none : result.found->where;
}

/// The paths and methods of openapi.yaml, e.g. "GET /jobs/{}", read by its indentation.
std::set<std::string> documented_operations() {
  std::ifstream file{MUSIC_OPENAPI_FILE};
  std::set<std::string> operations;
  std::string path;
  bool in_paths = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
    if (!in_paths) continue;
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    for (const auto& [key, verb] :
         {std::pair{"    get:", "GET"}, {"    head:", "HEAD"}, {"    post:", "POST"}, {"    delete:", "DELETE"}}) {
      if (line == key) operations.insert(std::string{verb} + " " + path);
    }
  }
  return operations;
}

std::string with_parameter_names(std::string_view pattern) {
  std::string path{pattern};
  const auto first = path.find("{}");
  if (first != std::string::npos) path.replace(first, 2, "{id}");
  const auto second = path.find("{}");
  if (second != std::string::npos) path.replace(second, 2, "{n}");
  return path;
}

}  // namespace

TEST_CASE("targets find their endpoint") {
  CHECK(where("/") == endpoint::root);
  CHECK(where("/generate") == endpoint::generate);
  CHECK(where("/batches") == endpoint::batches);
  CHECK(where("/batches/abc") == endpoint::batch);
  CHECK(where("/jobs") == endpoint::jobs);
  CHECK(where("/jobs?limit=1") == endpoint::jobs);
  CHECK(where("/jobs/abc") == endpoint::job);
  CHECK(where("/jobs/abc?x") == endpoint::job);
  CHECK(where("/jobs/abc/cancel") == endpoint::job_cancel);
  CHECK(where("/jobs/abc/retry") == endpoint::job_retry);
  CHECK(where("/jobs/abc/audio") == endpoint::job_audio);
  CHECK(where("/jobs/abc/tracks/1/audio") == endpoint::track_audio);
  CHECK(where("/callbacks/suno/abc") == endpoint::song_callback);
  CHECK(where("/livez") == endpoint::livez);
  CHECK(where("/readyz") == endpoint::readyz);
  CHECK(where("/openapi.yaml") == endpoint::openapi);
}

TEST_CASE("what is almost a target is none") {
  for (const auto* target :
       {"", "*", "generate", "/generate/", "/Generate", "//generate", "/jobs/", "/jobs//", "/jobs//audio", "/batches/",
        "/batches/a/jobs", "/jobs/a/b", "/jobs/../generate", "/jobs/a/tracks//audio", "/jobs/a/tracks/1", "/%67enerate", "?x"}) {
    INFO(target);
    CHECK(where(target) == endpoint::none);
  }
}

TEST_CASE("segments are handed over raw") {
  const auto result = match("/jobs/..%2f%00/tracks/007/audio?key=1");

  CHECK(result.id == "..%2f%00");
  CHECK(result.number == "007");
  CHECK(result.query == "key=1");
}

TEST_CASE("the methods of an endpoint are those of its Allow") {
  const auto& job = *match("/jobs/a").found;
  CHECK(allows(job, method::get));
  CHECK(allows(job, method::head));
  CHECK(allows(job, method::del));
  CHECK(allows(job, method::options));
  CHECK_FALSE(allows(job, method::post));
  CHECK_FALSE(allows(job, method::other));
  const auto& generate = *match("/generate").found;
  CHECK(allows(generate, method::post));
  CHECK_FALSE(allows(generate, method::get));
}

TEST_CASE("openapi.yaml and the router know the same operations") {
  std::set<std::string> served;
  for (const auto& one : routes()) {
    for (const auto& [verb, name] : {std::pair{method::get, "GET"}, {method::post, "POST"}, {method::del, "DELETE"}}) {
      if (allows(one, verb)) served.insert(std::string{name} + " " + with_parameter_names(one.pattern));
    }
  }
  auto documented = documented_operations();
  std::erase_if(documented, [](const std::string& operation) { return operation.starts_with("HEAD"); });

  CHECK(documented == served);
}

TEST_CASE("a process with a role finds only what it serves") {
  const auto found = [](std::string_view target, served_role role) { return match(target, role).found != nullptr; };

  for (const std::string_view everywhere : {"/", "/openapi.yaml", "/livez", "/readyz", "/skills"}) {
    INFO(everywhere);
    CHECK(found(everywhere, served_role::prompt));
    CHECK(found(everywhere, served_role::music));
  }
  for (const std::string_view whole_only : {"/generate", "/mcp", "/skills/music-orchestrator", "/webhooks/openclaw"}) {
    INFO(whole_only);
    CHECK(found(whole_only, served_role::all));
    CHECK_FALSE(found(whole_only, served_role::prompt));
    CHECK_FALSE(found(whole_only, served_role::music));
  }
  CHECK(found("/skills/chatgpt-prompt-generator", served_role::prompt));
  CHECK_FALSE(found("/skills/chatgpt-prompt-generator", served_role::music));
  CHECK(found("/skills/suno-music-generator", served_role::music));
  CHECK(found("/jobs/abc/audio", served_role::music));
  CHECK_FALSE(found("/skills/suno-music-generator", served_role::prompt));
  CHECK_FALSE(found("/jobs/abc", served_role::prompt));
}
