/// Preloaded into the service under test (LD_PRELOAD): ends the process by SIGKILL at one labelled crossing of its boundary.
///
/// What the outside can know of the service changes only where it commits, renames a file or sends bytes, so a kill between two
/// such crossings is a kill right after the first of them. The crossings to the database and the disk are here; the calls to
/// the upstreams are the fake upstream's (upstream.py). The program itself has no hook (ADR 0011).
///
///   CRASH_POINT  a label, below; or "any"
///   CRASH_SKIP   how many crossings with that label are let pass
///   CRASH_MARK   the file that tells where the process died
///
/// The labels are <checkpoint>.before, .during and .after a commit that brings a job to that checkpoint, and <file step>.before
/// and .after. "During" a commit is, with SQLite: written, not yet synced; with PostgreSQL: sent, not yet answered.

#include <sqlite3.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace {

/// What a job's record says when it is committed. The order is a job's order.
constexpr std::array<const char*, 7> checkpoints{"accepted", "prompting",  "prompt_written", "intent",
                                                 "song_id",  "song_ready", "ended"};
constexpr std::size_t none = checkpoints.size();

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string_view setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

[[noreturn]] void die_at(std::string_view label) {
  const std::string mark{setting("CRASH_MARK")};
  const int file = open(mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || write(file, label.data(), label.size()) < 0) std::abort();  // the harness expects SIGKILL: this is seen
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/// `count` jobs are where the label says.
void cross(std::string_view what, std::string_view when, long count = 1) {
  static const std::string_view wanted = setting("CRASH_POINT");
  static std::atomic<long> left{std::atol(std::string{setting("CRASH_SKIP")}.c_str())};
  if (wanted.empty()) return;
  const auto label = std::string{what}.append(1, '.').append(when);
  if ((wanted == "any" || wanted == label) && left.fetch_sub(count) < count) die_at(label);
}

std::size_t checkpoint_of(std::string_view record) {
  const auto says = [&](std::string_view text) { return record.find(text) != std::string_view::npos; };
  if (record.starts_with(R"({"{\"record\":)")) return 0;  // PostgreSQL's array of them: a batch, which is fresh
  if (!record.starts_with("{\"record\":")) return none;
  if (says("\"stage\":\"finished\"")) return 6;
  if (says("\"stage\":\"fetching\"")) return 5;
  if (says("\"stage\":\"generating\"")) return 4;
  if (says("\"submission\":\"intent\"")) return 3;
  if (says("\"stage\":\"submitting\"")) return 2;
  if (says("\"stage\":\"prompting\"")) return 1;
  return 0;
}

/// How many jobs the open transaction brings to each checkpoint. SQLite has one writing thread; each thread counts its own.
thread_local std::array<long, checkpoints.size()> transaction{};

void cross_all(std::string_view when) {
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    if (transaction[i] > 0) cross(checkpoints[i], when, transaction[i]);
  }
}

/// PostgreSQL commits each statement by itself: which checkpoint the one under way on a connection brings a job to.
class statements {
 public:
  void begin(const void* connection, std::size_t checkpoint) {
    const std::lock_guard lock{mutex_};
    under_way_[connection] = {checkpoint, false};
  }

  /// The first time that all of it was sent.
  void sent(const void* connection) {
    const std::lock_guard lock{mutex_};
    const auto found = under_way_.find(connection);
    if (found == under_way_.end() || std::exchange(found->second.sent, true)) return;
    cross(checkpoints[found->second.checkpoint], "during");
  }

  void ended(const void* connection, bool well) {
    const std::lock_guard lock{mutex_};
    const auto found = under_way_.find(connection);
    if (found == under_way_.end()) return;
    if (well) cross(checkpoints[found->second.checkpoint], "after");
    under_way_.erase(found);
  }

 private:
  struct state {
    std::size_t checkpoint = none;
    bool sent = false;
  };
  std::mutex mutex_;
  std::map<const void*, state> under_way_;
};

statements& under_way() {
  static statements all;
  return all;
}

std::string path_of(int file) {
  std::array<char, 4096> path{};
  const auto link = "/proc/self/fd/" + std::to_string(file);
  const auto size = readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string{path.data(), static_cast<std::size_t>(size)} : std::string{};
}

bool incoming(int file) { return path_of(file).find("/audio/incoming") != std::string::npos; }

}  // namespace

extern "C" {

int sqlite3_bind_text64(sqlite3_stmt* into, int index, const char* text, sqlite3_uint64 size, void (*release)(void*),
                        unsigned char encoding) {
  static auto* const real = next<decltype(sqlite3_bind_text64)>("sqlite3_bind_text64");
  const auto reached = checkpoint_of({text, static_cast<std::size_t>(size)});
  if (reached != none) ++transaction[reached];
  return real(into, index, text, size, release, encoding);
}

int sqlite3_step(sqlite3_stmt* statement) {
  static auto* const real = next<decltype(sqlite3_step)>("sqlite3_step");
  const char* const known = sqlite3_sql(statement);  // SQLite's own statements have no text
  const std::string_view text = known == nullptr ? "" : known;
  if (text == "BEGIN IMMEDIATE") transaction = {};
  if (text != "COMMIT") return real(statement);
  cross_all("before");
  const int code = real(statement);
  if (code == SQLITE_DONE) cross_all("after");
  transaction = {};
  return code;
}

int fdatasync(int file) {
  static auto* const real = next<decltype(fdatasync)>("fdatasync");
  cross_all("during");
  return real(file);
}

int fsync(int file) {
  static auto* const real = next<decltype(fsync)>("fsync");
  const bool audio = incoming(file);
  if (audio) cross("audio_synced", "before");
  const int code = real(file);
  if (audio) cross("audio_synced", "after");
  return code;
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  static auto* const real = next<decltype(renameat)>("renameat");
  const bool audio = incoming(from_directory);
  if (audio) cross("audio_placed", "before");
  const int code = real(from_directory, from, to_directory, to);
  if (audio) cross("audio_placed", "after");
  return code;
}

// libpq's functions, without its header: the types are handles, and 1 and 2 are PGRES_COMMAND_OK and PGRES_TUPLES_OK.

int PQsendQueryPrepared(void* connection, const char* name, int count, const char* const* values, const int* lengths,
                        const int* formats, int result_format) {
  static auto* const real = next<decltype(PQsendQueryPrepared)>("PQsendQueryPrepared");
  auto reached = none;
  for (int i = 0; i < count && reached == none; ++i) {
    if (values[i] != nullptr) reached = checkpoint_of(values[i]);
  }
  if (reached != none) {
    cross(checkpoints[reached], "before");
    under_way().begin(connection, reached);
  }
  return real(connection, name, count, values, lengths, formats, result_format);
}

int PQflush(void* connection) {
  static auto* const real = next<decltype(PQflush)>("PQflush");
  const int left = real(connection);
  if (left == 0) under_way().sent(connection);
  return left;
}

void* PQgetResult(void* connection) {
  static auto* const real = next<decltype(PQgetResult)>("PQgetResult");
  static auto* const status = next<int(const void*)>("PQresultStatus");
  void* const result = real(connection);
  if (result != nullptr) under_way().ended(connection, status(result) == 1 || status(result) == 2);
  return result;
}

}  // extern "C"
