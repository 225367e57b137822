#pragma once

/// SQLite's C interface with owners and results.

#include <music/base/error.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music::sqlite {

/// `store_unavailable` with what was tried and what SQLite says. Its messages name tables and columns, never values.
[[nodiscard]] error failed(sqlite3* connection, std::string_view what);

/// A statement that was prepared once and is used again and again. Belongs to its connection's thread and must go before
/// its connection does. Bound text is not copied: it must live until the statement is reset.
class statement {
 public:
  statement() = default;
  explicit statement(sqlite3_stmt* prepared) noexcept : prepared_(prepared) {}

  statement& bind(int index, std::string_view text) noexcept;
  statement& bind(int index, std::int64_t number) noexcept;
  statement& bind(int index, std::optional<std::int64_t> number) noexcept;

  /// True: there is a row to read. False: it is done.
  [[nodiscard]] result<bool> step();

  /// Steps to the end and resets.
  [[nodiscard]] result<void> run();

  /// Forgets the bindings too, so that no text of a caller is kept by accident.
  void reset() noexcept;

  /// SQLite's extended code of the last step.
  [[nodiscard]] int code() const noexcept { return code_; }

  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const noexcept;

  /// Nothing for NULL.
  [[nodiscard]] std::optional<std::int64_t> maybe_number(int column) const noexcept;

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* prepared) const noexcept { sqlite3_finalize(prepared); }
  };
  std::unique_ptr<sqlite3_stmt, finalizer> prepared_;
  int code_ = SQLITE_OK;
};

/// Resets a statement at the end of a scope.
class resetting {
 public:
  explicit resetting(statement& used) noexcept : used_(used) {}
  ~resetting() { used_.reset(); }
  resetting(const resetting&) = delete;
  resetting& operator=(const resetting&) = delete;

 private:
  statement& used_;
};

/// One connection. Not thread-safe: one thread at a time.
class connection {
 public:
  /// Opens a file that exists, waiting at most `busy` for its locks.
  [[nodiscard]] static result<connection> open(const std::string& file, std::chrono::milliseconds busy);

  [[nodiscard]] result<void> execute(const char* script);
  [[nodiscard]] result<statement> prepare(std::string_view text);

  /// The first column of the first row of a query that gives one.
  [[nodiscard]] result<std::int64_t> number(std::string_view query);
  [[nodiscard]] result<std::string> text(std::string_view query);

  /// Rows that the last statement changed.
  [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_.get()); }
  [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] int code() const noexcept { return sqlite3_extended_errcode(handle_.get()); }
  [[nodiscard]] sqlite3* get() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  explicit connection(sqlite3* handle) noexcept : handle_(handle) {}
  std::unique_ptr<sqlite3, closer> handle_;
};

}  // namespace music::sqlite
