#include "postgres_server.hpp"

#include <libpq-fe.h>

#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

extern char** environ;

namespace music::test {
namespace {

const std::filesystem::path programs = "/usr/lib/postgresql/15/bin";
constexpr const char* unprivileged = "postgres";
constexpr int skipped = 77;

/// Runs a program to its end, its output into `log`. As root it runs as the unprivileged user.
void run_program(std::vector<std::string> words, const std::filesystem::path& log) {
  if (geteuid() == 0) words.insert(words.begin(), {"runuser", "-u", unprivileged, "--"});
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments.front(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) throw std::runtime_error("spawn " + words.front() + ": " + std::strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  std::ifstream output{log};
  const std::string said{std::istreambuf_iterator<char>{output}, {}};
  throw std::runtime_error("PostgreSQL: a program failed:\n" + said);
}

}  // namespace

postgres_server& postgres_server::shared() {
  if (!installed()) {
    std::fprintf(stderr, "skipped: PostgreSQL 15 is not installed (apt package postgresql-15)\n");
    std::exit(skipped);
  }
  static postgres_server server;
  return server;
}

bool postgres_server::installed() { return std::filesystem::exists(programs / "initdb"); }

postgres_server::postgres_server() {
  auto pattern = (std::filesystem::temp_directory_path() / "music-postgres-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = pattern;
  if (geteuid() == 0) {
    const passwd* const user = getpwnam(unprivileged);
    if (user == nullptr || chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown");
  }
  run_program({programs / "initdb", "--pgdata", directory_ / "data", "--username", "music", "--auth", "trust", "--no-sync",
               "--encoding", "UTF8", "--no-locale"},
              directory_ / "programs.log");
  std::ofstream{directory_ / "data" / "postgresql.conf", std::ios::app}
      << "listen_addresses = ''\nunix_socket_directories = '" << directory_.string()
      << "'\nfsync = off\nmax_connections = 60\nshared_buffers = 16MB\n";
  start();
}

postgres_server::~postgres_server() {
  try {
    stop_immediately();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void postgres_server::start() { control("start", ""); }

void postgres_server::stop_immediately() { control("stop", "--mode=immediate"); }

void postgres_server::control(std::string_view action, std::string_view mode) {
  std::vector<std::string> words{programs / "pg_ctl", std::string{action}, "--pgdata", directory_ / "data", "--wait", "--silent"};
  if (!mode.empty()) words.emplace_back(mode);
  if (action == "start") words.insert(words.end(), {"--log", directory_ / "server.log"});
  run_program(std::move(words), directory_ / "programs.log");
}

std::string postgres_server::url(std::string_view database, const std::filesystem::path& directory) {
  return "postgresql://music@/" + std::string{database} + "?host=" + directory.string();
}

std::string postgres_server::run(std::string_view database, const std::string& statement) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> session{PQconnectdb(url(database, directory_).c_str()), &PQfinish};
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(session.get(), statement.c_str()), &PQclear};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(session.get()));
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) text += std::string{PQgetvalue(result.get(), row, 0)} + '\n';
  return text;
}

}  // namespace music::test
