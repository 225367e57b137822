#pragma once

/// A PostgreSQL server of the tests' own: in a temporary directory, reachable over a Unix socket there and nowhere else.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace music::test {

/// Runs Debian's PostgreSQL as an unprivileged user: as `postgres` where the tests run as root. What it stores does not outlive
/// the machine (fsync=off); it does outlive the server.
class postgres_server {
 public:
  /// One for the whole process, started at the first call. Ends the process with 77, which ctest counts as skipped, where
  /// PostgreSQL is not installed.
  static postgres_server& shared();

  postgres_server();
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  [[nodiscard]] static bool installed();

  /// The URL of a database by way of the socket that lies in `directory`.
  [[nodiscard]] static std::string url(std::string_view database, const std::filesystem::path& directory);

  /// Where its socket lies.
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

  void start();

  /// As a crash of the server: nobody is asked to finish.
  void stop_immediately();

  /// Carries out one statement and gives the first column of its rows, each followed by a line feed.
  std::string run(std::string_view database, const std::string& statement);

 private:
  void control(std::string_view action, std::string_view mode);

  std::filesystem::path directory_;
};

}  // namespace music::test
