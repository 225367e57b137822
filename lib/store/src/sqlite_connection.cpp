#include "sqlite_connection.hpp"

namespace music::sqlite {

error failed(sqlite3* connection, std::string_view what) {
  const int code = sqlite3_extended_errcode(connection);
  return {errc::store_unavailable,
          "sqlite " + std::string{what} + ": " + sqlite3_errmsg(connection) + " (" + std::to_string(code) + ")"};
}

statement& statement::bind(int index, std::string_view text) noexcept {
  // an empty view may have no address, and SQLite takes a null address for NULL
  const char* bytes = text.empty() ? "" : text.data();
  sqlite3_bind_text64(prepared_.get(), index, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

statement& statement::bind(int index, std::int64_t number) noexcept {
  sqlite3_bind_int64(prepared_.get(), index, number);
  return *this;
}

statement& statement::bind(int index, std::optional<std::int64_t> number) noexcept {
  if (number) return bind(index, *number);
  sqlite3_bind_null(prepared_.get(), index);
  return *this;
}

result<bool> statement::step() {
  code_ = sqlite3_step(prepared_.get());
  if (code_ == SQLITE_ROW) return true;
  if (code_ == SQLITE_DONE) return false;
  return failed(sqlite3_db_handle(prepared_.get()), "step");
}

result<void> statement::run() {
  const resetting at_end{*this};
  auto more = step();
  while (more && *more) more = step();
  if (!more) return more.error();
  return {};
}

void statement::reset() noexcept {
  sqlite3_reset(prepared_.get());
  sqlite3_clear_bindings(prepared_.get());
}

std::string statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(prepared_.get(), column);
  if (bytes == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared_.get(), column));
  return {reinterpret_cast<const char*>(bytes), size};
}

std::int64_t statement::number(int column) const noexcept { return sqlite3_column_int64(prepared_.get(), column); }

std::optional<std::int64_t> statement::maybe_number(int column) const noexcept {
  if (sqlite3_column_type(prepared_.get(), column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

result<connection> connection::open(const std::string& file, std::chrono::milliseconds busy) {
  sqlite3* handle = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  connection opened{handle};  // also after a failure there is a handle to close
  if (code != SQLITE_OK) return failed(handle, "open");
  sqlite3_busy_timeout(handle, static_cast<int>(busy.count()));
  return opened;
}

result<void> connection::execute(const char* script) {
  if (sqlite3_exec(handle_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(handle_.get(), "execute");
  return {};
}

result<statement> connection::prepare(std::string_view text) {
  sqlite3_stmt* prepared = nullptr;
  const int size = static_cast<int>(text.size());
  const int code = sqlite3_prepare_v3(handle_.get(), text.data(), size, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) return failed(handle_.get(), "prepare");
  return statement{prepared};
}

result<std::int64_t> connection::number(std::string_view query) {
  auto prepared = prepare(query);
  if (!prepared) return prepared.error();
  auto row = prepared->step();
  if (!row) return row.error();
  return prepared->number(0);
}

result<std::string> connection::text(std::string_view query) {
  auto prepared = prepare(query);
  if (!prepared) return prepared.error();
  auto row = prepared->step();
  if (!row) return row.error();
  return prepared->text(0);
}

}  // namespace music::sqlite
