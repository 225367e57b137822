// bench_store [DIRECTORY [SECONDS]]: what the stores do on this disk, as one JSON document on stdout.
//
// Closed loop: N coroutines on one shard each insert a job, wait until it is durable, and insert the next.

#include <music/async/shard.hpp>
#include <music/base/json_writer.hpp>
#include <music/base/random.hpp>
#include <music/store/memory_store.hpp>
#include <music/store/sqlite_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace music;
using steady = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

double cpu_microseconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

/// What one run gave. Latencies in microseconds, sorted.
struct figures {
  std::vector<double> latencies;
  double seconds = 0;
  double cpu = 0;

  [[nodiscard]] double rate() const { return static_cast<double>(latencies.size()) / seconds; }
  [[nodiscard]] double percentile(double share) const {
    if (latencies.empty()) return 0;
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  }
};

double rounded(double value) { return static_cast<double>(std::lround(value * 10)) / 10; }

job sample_job(random_source& random) {
  job fresh;
  fresh.created_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  fresh.id = job_id::make(random, fresh.created_at);
  fresh.updated_at = fresh.created_at;
  fresh.deadline_at = fresh.created_at + std::chrono::minutes{15};
  fresh.request.theme = "a rainy night drive through neon city streets, slow and warm";
  fresh.request.tags = "synthwave, female vocals, melancholic, 120bpm";
  return fresh;
}

/// How often this disk can make an append durable.
double fsyncs_per_second(const std::filesystem::path& directory, double seconds) {
  const auto file = directory / "fsync";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  const auto from = steady::now();
  double elapsed = 0;
  int count = 0;
  for (; fd >= 0 && elapsed < seconds; ++count) {
    if (::write(fd, page.data(), page.size()) < 0 || fdatasync(fd) != 0) break;
    elapsed = std::chrono::duration<double>(steady::now() - from).count();
  }
  ::close(fd);
  std::filesystem::remove(file);
  return count / elapsed;
}

struct load {
  job_store& store;
  random_source& random;
  steady::time_point until;
  std::vector<double> latencies{};
  std::size_t running = 0;
  std::promise<void> done{};
};

/// `shared` outlives every client: `measure` waits for the last one.
task<void> client(load& shared) {
  while (steady::now() < shared.until) {
    auto fresh = sample_job(shared.random);
    const auto from = steady::now();
    const auto inserted = co_await shared.store.insert(std::move(fresh), std::nullopt);
    if (!inserted) std::abort();
    shared.latencies.push_back(microseconds(steady::now() - from).count());
  }
  if (--shared.running == 0) shared.done.set_value();
}

/// Ends the store with the run: before the loop, as the service does.
figures measure(std::unique_ptr<job_store> given, std::size_t waiting, double seconds) {
  seeded_random random{7};
  shard loop{0};
  const auto store = std::move(given);
  const auto from = steady::now();
  const double cpu = cpu_microseconds();
  const auto span = std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
  load shared{*store, random, from + span};
  shared.latencies.reserve(8'000'000);
  shared.running = waiting;
  for (std::size_t i = 0; i < waiting; ++i) asio::co_spawn(loop.get_executor(), client(shared), asio::detached);
  loop.start();
  shared.done.get_future().wait();
  figures result{std::move(shared.latencies), std::chrono::duration<double>(steady::now() - from).count(),
                 cpu_microseconds() - cpu};
  loop.release();
  loop.join();
  std::ranges::sort(result.latencies);
  return result;
}

void write(json_writer& out, std::string_view store, std::size_t waiting, const figures& run) {
  out.begin_object();
  out.field("store", store).field("waiting", waiting).field("inserts_per_second", rounded(run.rate()));
  out.field("p50_us", rounded(run.percentile(0.5))).field("p99_us", rounded(run.percentile(0.99)));
  out.field("cpu_us_per_insert", rounded(run.cpu / static_cast<double>(run.latencies.size())));
  out.end_object();
}

void measure_sqlite(json_writer& out, const std::filesystem::path& directory, std::size_t waiting, double seconds) {
  const auto data = directory / "data";
  auto store = open_sqlite_job_store({.directory = data});
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().detail.c_str());
    std::exit(1);
  }
  write(out, "sqlite", waiting, measure(std::move(*store), waiting, seconds));
  std::filesystem::remove_all(data);
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path directory = count > 1 ? arguments[1] : std::filesystem::temp_directory_path() / "bench_store";
  const double seconds = count > 2 ? std::atof(arguments[2]) : 2;
  std::filesystem::create_directories(directory);

  std::string text;
  json_writer out{text};
  out.begin_object().field("fsyncs_per_second", rounded(fsyncs_per_second(directory, seconds)));
  out.key("runs").begin_array();
  for (const std::size_t waiting : {1U, 8U, 64U, 512U}) measure_sqlite(out, directory, waiting, seconds);
  write(out, "memory", 1, measure(create_memory_job_store(), 1, seconds));
  out.end_array().end_object();
  std::puts(text.c_str());
  return 0;
}
